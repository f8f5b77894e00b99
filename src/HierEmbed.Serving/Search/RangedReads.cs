using System.Buffers;
using HierEmbed.Core.Errors;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Search;

/// <summary>Reads many small parts of stored artifacts in few requests: parts that lie near one another come with one range, several ranges at once.</summary>
/// <param name="store">Where they are stored. Their names are those of their content, so no state of one is mixed with another.</param>
internal sealed class RangedReads(IArtifactStore store)
{
    /// <summary>What lies between two parts and is read with them, because a request of its own would take longer.</summary>
    public const int MaxGapBytes = 64 * 1024;

    /// <summary>Length of a range at most, unless one part is longer.</summary>
    public const int MaxRangeBytes = 1 << 20;

    private const int MaxParallel = 8;

    /// <summary>Is given the bytes of a part.</summary>
    public delegate void Visitor(int part, ReadOnlySpan<byte> bytes);

    /// <summary>Reads parts.</summary>
    /// <param name="parts">In any order; those that follow one another in an artifact come together where they do so here.</param>
    /// <param name="visit">Called once a part, from several threads.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="ModelException">An artifact ends before a part does.</exception>
    /// <exception cref="ArtifactNotFoundException">One is not there.</exception>
    public Task ReadAsync(IReadOnlyList<RangedPart> parts, Visitor visit, CancellationToken cancellationToken)
    {
        var ranges = new List<(int First, int Count)>();
        for (int first = 0, end; first < parts.Count; first = end)
        {
            end = first + 1;
            while (end < parts.Count && Follows(parts[end - 1], parts[end]) && parts[end].End - parts[first].Start <= MaxRangeBytes)
                end++;
            ranges.Add((first, end - first));
        }
        return Parallel.ForEachAsync(ranges, new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken },
            async (range, ct) => await ReadRangeAsync(parts, range.First, range.Count, visit, ct));
    }

    // Two blocks may be one artifact: its parts come twice then, and begin anew.
    private static bool Follows(RangedPart before, RangedPart part) => part.Name == before.Name && part.Start >= before.Start && part.End >= before.End && part.Start - before.End <= MaxGapBytes;

    private async Task ReadRangeAsync(IReadOnlyList<RangedPart> parts, int first, int count, Visitor visit, CancellationToken cancellationToken)
    {
        RangedPart start = parts[first];
        int bytes = (int)(parts[first + count - 1].End - start.Start);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            // Cut to what is read: a part that reached beyond would be an error, and not what another request left there.
            Memory<byte> range = buffer.AsMemory(0, bytes);
            int read = await store.ReadRangeAsync(start.Name, start.Start, range, cancellationToken);
            if (read < bytes)
                throw Damaged(start.Name, $"it ends at byte {start.Start + read}, before byte {start.Start + bytes} that its rows reach to");
            for (int i = first; i < first + count; i++)
                visit(i, range.Span.Slice((int)(parts[i].Start - start.Start), parts[i].Bytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>An artifact that does not hold what was written to it.</summary>
    public static ModelException Damaged(string name, string found, Exception? inner = null) =>
        new(ProblemTypes.CorruptArtifact, $"{name} is damaged: {found}. Delete it and start a run with POST /api/v1/runs: it is written anew.", inner);
}
