using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Readers.Text;

/// <summary>Parses decimal numbers to the nearest float32: always the value that <see cref="float.Parse(string)"/> gives, several times as fast.</summary>
/// <remarks>Nearly every number is brought to float64 with an error of a few units in its last place, which cannot change the float32
/// unless the float64 is that close to the middle between two of them. Those, and what overflows or is tiny, go to .NET's parser.</remarks>
internal static class NumberText
{
    /// <summary>Digits that always fit into 64 bits.</summary>
    private const int MaxDigits = 19;

    private const int MaxPower = 60;

    /// <summary>Of a float64, what float32 has no room for; and half of the step between two float32.</summary>
    private const ulong LowBits = (1UL << 29) - 1, Middle = 1UL << 28;

    /// <summary>Three roundings by half a unit each, with room to spare.</summary>
    private const ulong Error = 16;

    private const float SmallestNormal = 1.17549435e-38f;

    /// <summary>A sign, a digit, a point, three times eight bytes, and one behind.</summary>
    private const int FastBytes = 32;

    private static readonly ulong[] Tens = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    private static readonly double[] InverseTens = [.. Enumerable.Range(0, MaxPower + 1).Select(power => double.Parse($"1e-{power}", CultureInfo.InvariantCulture))];

    private static readonly double[] Powers = [.. Enumerable.Range(0, MaxPower + 1).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    /// <summary>Parses the number that a text begins with, by JSON's grammar.</summary>
    /// <param name="text">What follows the number is not looked at.</param>
    /// <param name="value">The nearest float32; infinity beyond its range.</param>
    /// <returns>Length of the number; 0 where the text begins with none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Parse(ReadOnlySpan<byte> text, out float value)
    {
        int length = text.Length >= FastBytes ? ParseFraction(ref MemoryMarshal.GetReference(text), out value) : None(out value);
        return length > 0 ? length : ParseAny(text, out value);
    }

    /// <summary>Parses what nearly all of an embedding is, one digit, a point and up to 18 more digits, without a loop: how many digits there are no processor foresees.</summary>
    /// <param name="text">At least <see cref="FastBytes"/> bytes.</param>
    /// <param name="value">The nearest float32.</param>
    /// <returns>Length of the number; 0 where it is another, or none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ParseFraction(ref byte text, out float value)
    {
        value = 0;
        int sign = text == '-' ? 1 : 0;
        uint whole = Unsafe.Add(ref text, sign) - (uint)'0';
        if (whole > 9 || Unsafe.Add(ref text, sign + 1) != '.')
            return 0;
        int first = sign + 2;
        int count = Digits(ref Unsafe.Add(ref text, first), out ulong digits);
        if (count == 0)
            return 0;
        if (count < 8)
        {
            digits += whole * Tens[count];
        }
        else
        {
            digits += whole * 100_000_000UL;
            int more = Digits(ref Unsafe.Add(ref text, first + 8), out ulong next);
            digits = (digits * Tens[more]) + next;
            count += more;
            if (more == 8)
            {
                more = Digits(ref Unsafe.Add(ref text, first + 16), out next);
                if (more > MaxDigits - 17)
                    return 0;
                digits = (digits * Tens[more]) + next;
                count += more;
            }
        }
        int end = first + count;
        // From 1e-19 to 10, or 0: none of these is out of range.
        double near = digits * InverseTens[count];
        if ((Unsafe.Add(ref text, end) | 0x20) == 'e' || IsNearMiddle(near))
            return 0;
        // The sign is a bit, not a branch: it is as likely as not.
        value = Unsafe.BitCast<uint, float>(Unsafe.BitCast<float, uint>((float)near) | ((uint)sign << 31));
        return end;
    }

    private static int None(out float value)
    {
        value = 0;
        return 0;
    }

    private static int ParseAny(ReadOnlySpan<byte> text, out float value)
    {
        value = 0;
        int at = !text.IsEmpty && text[0] == '-' ? 1 : 0;
        int start = at;
        ulong digits = 0;
        for (uint digit; at < text.Length && (digit = (uint)text[at] - '0') <= 9; at++)
            digits = (digits * 10) + digit;
        int count = at - start;
        if (count == 0 || (count > 1 && text[start] == '0'))
            return 0;
        int power = 0;
        if (at < text.Length && text[at] == '.')
        {
            int first = ++at;
            for (uint digit; at < text.Length && (digit = (uint)text[at] - '0') <= 9; at++)
                digits = (digits * 10) + digit;
            if (at == first)
                return 0;
            power = first - at;
            count += at - first;
        }
        if (at < text.Length && (text[at] | 0x20) == 'e')
        {
            if (!TryExponent(text, ref at, out int exponent))
                return 0;
            power += exponent;
        }
        if (count > MaxDigits)
            count -= LeadingZeros(text[start..]);
        value = count <= MaxDigits && power is >= -MaxPower and <= MaxPower && TryRound(digits, power < 0 ? InverseTens[-power] : Powers[power], out float rounded)
            ? (start > 0 ? -rounded : rounded)
            : Exact(text[..at]);
        return at;
    }

    /// <summary>Parses a whole text as .NET does: signs, points at either end, white space around it.</summary>
    public static bool TryParseWhole(ReadOnlySpan<byte> text, out float value) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static bool TryExponent(ReadOnlySpan<byte> text, ref int at, out int exponent)
    {
        at++;
        bool minus = at < text.Length && text[at] == '-';
        if (minus || (at < text.Length && text[at] == '+'))
            at++;
        int first = at;
        exponent = 0;
        for (uint digit; at < text.Length && (digit = (uint)text[at] - '0') <= 9; at++)
            exponent = Math.Min((exponent * 10) + (int)digit, 1_000_000);
        exponent = minus ? -exponent : exponent;
        return at > first;
    }

    /// <summary>Rounds digits times a power of ten, where the float64 next to it leaves no doubt.</summary>
    private static bool TryRound(ulong digits, double power, out float value)
    {
        double near = digits * power;
        value = (float)near;
        return (!IsNearMiddle(near) && near is > SmallestNormal and < float.MaxValue) || digits == 0;
    }

    /// <summary>Whether a float64 with its error may lie on either side of the middle between two float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNearMiddle(double near) => (BitConverter.DoubleToUInt64Bits(near) & LowBits) - (Middle - Error) <= 2 * Error;

    /// <summary>Parses up to eight digits at once (Lemire, "Number parsing at a gigabyte per second", 2021).</summary>
    /// <returns>How many there are, 0 to 8.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Digits(ref byte text, out ulong value)
    {
        ulong chars = Unsafe.ReadUnaligned<ulong>(ref text);
        if (!BitConverter.IsLittleEndian)
            chars = BinaryPrimitives.ReverseEndianness(chars);
        ulong digits = chars ^ 0x3030_3030_3030_3030;
        ulong others = (digits | (digits + 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080;
        int count = BitOperations.TrailingZeroCount(others) >> 3;
        // Zeros are put before the digits. Two shifts: one by 64 would be one by 0.
        digits = digits << (4 * (8 - count)) << (4 * (8 - count));
        digits = (digits * 10) + (digits >> 8);
        value = (((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064) + (((digits >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001)) >> 32;
        return count;
    }

    private static int LeadingZeros(ReadOnlySpan<byte> number)
    {
        int at = number.IndexOfAnyExcept("0."u8);
        return at < 0 ? 0 : at - number[..at].Count((byte)'.');
    }

    private static float Exact(ReadOnlySpan<byte> number) => float.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
}
