using System.Text.Json;

namespace HierEmbed.Core.Readers.Json;

/// <summary>Python and others write NaN and Infinity into JSON, which has no such numbers. They are made texts of the same length, so that the
/// row can be parsed and rejected by what it holds.</summary>
internal static class BareNumbers
{
    private static ReadOnlySpan<byte> NaN => "NaN"u8;
    private static ReadOnlySpan<byte> Infinity => "Infinity"u8;

    /// <summary>Overwrites NaN, Infinity and -Infinity outside texts by quoted stand-ins.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Quote(Span<byte> json)
    {
        bool any = false, inText = false;
        for (int i = 0; i < json.Length; i++)
        {
            switch (json[i])
            {
                case (byte)'\\' when inText:
                    i++;
                    break;
                case (byte)'"':
                    inText = !inText;
                    break;
                case (byte)'N' or (byte)'I' when !inText:
                    int length = QuoteAt(json, i);
                    any |= length > 0;
                    i += Math.Max(0, length - 1);
                    break;
            }
        }
        return any;
    }

    /// <summary>Overwrites the one that begins here, the sign before it included.</summary>
    /// <returns>Its length; 0 where there is none.</returns>
    public static int QuoteAt(Span<byte> json, int at)
    {
        int length = json[at..].StartsWith(NaN) ? NaN.Length : json[at..].StartsWith(Infinity) ? Infinity.Length : 0;
        if (length == 0)
            return 0;
        Span<byte> word = json.Slice(at, length);
        bool minus = at > 0 && json[at - 1] == '-';
        byte letter = minus && word[0] == 'I' ? (byte)'M' : word[0];
        word.Fill((byte)' ');
        word[0] = word[2] = (byte)'"';
        word[1] = letter;
        if (minus)
            json[at - 1] = (byte)' ';
        return length;
    }

    /// <summary>Whether a text stands for NaN.</summary>
    public static bool IsNaN(ref Utf8JsonReader reader) => reader.ValueTextEquals("N"u8) || reader.ValueTextEquals(NaN);

    /// <summary>Whether a text stands for infinity.</summary>
    public static bool IsInfinity(ref Utf8JsonReader reader) => reader.ValueTextEquals("I"u8) || reader.ValueTextEquals(Infinity);

    /// <summary>Whether a text stands for minus infinity.</summary>
    public static bool IsMinusInfinity(ref Utf8JsonReader reader) => reader.ValueTextEquals("M"u8) || reader.ValueTextEquals("-Infinity"u8);
}
