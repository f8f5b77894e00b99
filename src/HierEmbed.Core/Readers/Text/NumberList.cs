using System.Runtime.CompilerServices;

namespace HierEmbed.Core.Readers.Text;

/// <summary>Parses <c>[1, 2, 3]</c>: what files of text mostly are. Everything else about JSON is left to .NET's reader.</summary>
public static class NumberList
{
    /// <summary>Parses the list that a JSON text begins with, of a length that is known.</summary>
    /// <param name="json">Begins with the bracket.</param>
    /// <param name="row">Takes the numbers: float32 as .NET parses them, infinity beyond its range. Some may be there where it fails.</param>
    /// <returns>Length of the list with its brackets; 0 where it holds more or fewer numbers, something else than numbers, or does not end here.</returns>
    public static int TryParse(ReadOnlySpan<byte> json, Span<float> row)
    {
        int at = 1;
        return Fill(json, ref at, row, out bool ended) == row.Length && ended ? at : 0;
    }

    /// <summary>Parses the list that a JSON text begins with.</summary>
    /// <param name="json">Begins with the bracket.</param>
    /// <param name="row">Where the numbers go; some may be there where it fails.</param>
    /// <returns>Length of the list with its brackets; 0 where it is empty, holds something else than numbers, or does not end here.</returns>
    internal static int TryParse(ReadOnlySpan<byte> json, ParsedRow row)
    {
        int at = 1;
        while (true)
        {
            // A buffer's worth at a time: a call for each number would cost as much as the number.
            int count = Fill(json, ref at, row.Free(), out bool ended);
            if (count < 0)
                return 0;
            row.Commit(count);
            if (ended)
                return at;
            if (!row.Grow())
                return 0;
        }
    }

    /// <summary>Parses numbers until there is no room left, or the list ends.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">Behind the bracket or a comma; afterwards behind the next comma, or behind the last bracket.</param>
    /// <param name="free">Takes the numbers.</param>
    /// <param name="ended">Whether the list ended.</param>
    /// <returns>How many numbers there were; −1 where there was something else.</returns>
    private static int Fill(ReadOnlySpan<byte> json, ref int at, Span<float> free, out bool ended)
    {
        ended = false;
        int next = at, count = 0;
        while (count < free.Length)
        {
            next = SkipSpace(json, next);
            int length = NumberText.Parse(json[next..], out float value);
            if (length == 0)
                return -1;
            free[count++] = value;
            next += length;
            // A comma and a space are what most writers put between two numbers.
            if (next < json.Length - 1 && json[next] == ',' && json[next + 1] == ' ')
            {
                next += 2;
                continue;
            }
            next = SkipSpace(json, next);
            if (next >= json.Length)
                return -1;
            ended = json[next] == ']';
            if (!ended && json[next] != ',')
                return -1;
            next++;
            if (ended)
                break;
        }
        at = next;
        return count;
    }

    /// <summary>Length of the list that a JSON text begins with; 0 where <see cref="TryParse(ReadOnlySpan{byte}, ParsedRow)"/> would give 0.</summary>
    internal static int Measure(ReadOnlySpan<byte> json)
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
