using System.Runtime.CompilerServices;

namespace HierEmbed.Core.Readers.Text;

/// <summary>Parses <c>[1, 2, 3]</c>: what files of text mostly are. Everything else about JSON is left to .NET's reader.</summary>
internal static class NumberList
{
    /// <summary>Parses the list that a JSON text begins with.</summary>
    /// <param name="json">Begins with the bracket.</param>
    /// <param name="row">Where the numbers go; some may be there where it fails.</param>
    /// <returns>Length of the list with its brackets; 0 where it is empty, holds something else than numbers, or does not end here.</returns>
    public static int TryParse(ReadOnlySpan<byte> json, ParsedRow row)
    {
        int at = 1;
        while (true)
        {
            // A buffer's worth at a time: a call for each number would cost as much as the number.
            Span<float> free = row.Free();
            int count = 0;
            while (count < free.Length)
            {
                at = SkipSpace(json, at);
                int length = NumberText.Parse(json[at..], out float value);
                if (length == 0)
                    return 0;
                free[count++] = value;
                at += length;
                // A comma and a space are what most writers put between two numbers.
                if (at < json.Length - 1 && json[at] == ',' && json[at + 1] == ' ')
                {
                    at += 2;
                    continue;
                }
                at = SkipSpace(json, at);
                if (at >= json.Length)
                    return 0;
                if (json[at] == ']')
                {
                    row.Commit(count);
                    return at + 1;
                }
                if (json[at++] != ',')
                    return 0;
            }
            row.Commit(count);
            if (!row.Grow())
                return 0;
        }
    }

    /// <summary>Length of the list that a JSON text begins with; 0 where <see cref="TryParse"/> would give 0.</summary>
    public static int Measure(ReadOnlySpan<byte> json)
    {
        int at = 1;
        while (true)
        {
            at = SkipSpace(json, at);
            int length = NumberText.Parse(json[at..], out _);
            if (length == 0)
                return 0;
            at = SkipSpace(json, at + length);
            if (at >= json.Length)
                return 0;
            if (json[at] == ']')
                return at + 1;
            if (json[at++] != ',')
                return 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipSpace(ReadOnlySpan<byte> json, int at)
    {
        while ((uint)at < (uint)json.Length && json[at] <= ' ' && json[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            at++;
        return at;
    }
}
