using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;

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

    private static readonly double[] Powers = [.. Enumerable.Range(0, MaxPower + 1).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    /// <summary>Parses the number that a text begins with, by JSON's grammar.</summary>
    /// <param name="text">What follows the number is not looked at.</param>
    /// <param name="value">The nearest float32; infinity beyond its range.</param>
    /// <returns>Length of the number; 0 where the text begins with none.</returns>
    public static int Parse(ReadOnlySpan<byte> text, out float value)
    {
        value = 0;
        int at = !text.IsEmpty && text[0] == '-' ? 1 : 0;
        int start = at;
        ulong digits = 0;
        for (uint digit; at < text.Length && (digit = (uint)text[at] - '0') <= 9; at++)
            digits = (digits * 10) + digit;
        int whole = at - start;
        if (whole == 0 || (whole > 1 && text[start] == '0'))
            return 0;
        int power = 0, count = whole;
        if (at < text.Length && text[at] == '.')
        {
            int first = ++at;
            while (text.Length - at >= 8 && TryEight(text[at..], out uint eight))
            {
                digits = (digits * 100_000_000) + eight;
                at += 8;
            }
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
        value = count <= MaxDigits && TryRound(digits, power, out float rounded) ? (start > 0 ? -rounded : rounded) : Exact(text[..at]);
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

    private static bool TryRound(ulong digits, int power, out float value)
    {
        value = 0;
        if (digits == 0)
            return true;
        if (power is < -MaxPower or > MaxPower)
            return false;
        double near = power < 0 ? digits / Powers[-power] : digits * Powers[power];
        value = (float)near;
        ulong fromMiddle = (BitConverter.DoubleToUInt64Bits(near) & LowBits) - (Middle - Error);
        return fromMiddle > 2 * Error && near is > SmallestNormal and < float.MaxValue;
    }

    /// <summary>Eight digits at once (Lemire, "Number parsing at a gigabyte per second", 2021).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryEight(ReadOnlySpan<byte> text, out uint value)
    {
        ulong chars = BinaryPrimitives.ReadUInt64LittleEndian(text);
        ulong digits = chars - 0x3030_3030_3030_3030;
        if ((((chars + 0x4646_4646_4646_4646) | digits) & 0x8080_8080_8080_8080) != 0)
        {
            value = 0;
            return false;
        }
        digits = (digits * 10) + (digits >> 8);
        value = (uint)((((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064) + (((digits >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001)) >> 32);
        return true;
    }

    private static int LeadingZeros(ReadOnlySpan<byte> number)
    {
        int at = number.IndexOfAnyExcept("0."u8);
        return at < 0 ? 0 : at - number[..at].Count((byte)'.');
    }

    private static float Exact(ReadOnlySpan<byte> number) => float.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
}
