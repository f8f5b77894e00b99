using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Deals rows to segments of a file, one of each <see cref="Segments"/> consecutive rows to each segment, so that every stretch of the file holds rows of everywhere.</summary>
/// <remarks>Files are often in an order that means something (by topic, by time), and a training that reads a stretch at a time must not see one topic after another.</remarks>
/// <param name="rows">Number of rows.</param>
/// <param name="seed">Decides which row goes to which segment: equal seeds give equal orders.</param>
public sealed class InterleavedOrder(int rows, long seed)
{
    /// <summary>Segments of the file.</summary>
    public const int Segments = 64;

    private readonly int whole = rows / Segments;
    private readonly int rest = rows % Segments;

    /// <summary>Where a row goes.</summary>
    /// <param name="row">The row, from 0, in the order that rows come in.</param>
    /// <returns>Its place in the file, from 0; each place is taken once.</returns>
    public int PlaceOf(int row)
    {
        int round = row / Segments;
        int dealt = round < whole ? Segments : rest;
        // Turned by a random step each round: dealt in turn, a file with a period of its own would meet the segments'.
        long key = round;
        int turn = (int)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in key)), seed) % (ulong)dealt);
        int segment = ((row % Segments) + turn) % dealt;
        // The first segments hold one row more, of the last round.
        return (segment * whole) + Math.Min(segment, rest) + round;
    }
}
