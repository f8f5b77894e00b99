using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Core.Search;

/// <summary>Rows that make a block: as many as fit, of one set of levels.</summary>
/// <param name="First">The first row in the index.</param>
/// <param name="K">Most active components of one of them.</param>
/// <param name="Parts">Where they come from.</param>
internal sealed record BlockPlan(long First, int K, IReadOnlyList<PlannedPart> Parts)
{
    /// <summary>Rows.</summary>
    public int Rows => Parts.Sum(part => part.Rows);

    /// <summary>Plans the blocks of an index.</summary>
    /// <param name="sources">What it is built from.</param>
    public static IEnumerable<BlockPlan> Of(IReadOnlyList<IndexedCodes> sources)
    {
        var parts = new List<PlannedPart>();
        long first = 0;
        int filled = 0, widest = 0;
        for (int source = 0; source < sources.Count; source++)
        {
            (long rows, int k, ValueGrid? grid) = sources[source];
            if (parts.Count > 0 && (grid is null || sources[parts[0].Source].Grid is not { } before || !before.Levels.SequenceEqual(grid.Levels)))
                yield return TakeBlock();
            for (long at = 0; at < rows;)
            {
                int room = Math.Min(IndexBlock.MaxRows, Array.MaxLength / CodeRecords.BytesOf(Math.Max(k, widest))) - filled;
                if (room <= 0)
                {
                    yield return TakeBlock();
                    continue;
                }
                int count = (int)Math.Min(room, rows - at);
                parts.Add(new PlannedPart(source, at, count));
                filled += count;
                widest = Math.Max(k, widest);
                at += count;
            }
        }
        if (parts.Count > 0)
            yield return TakeBlock();

        BlockPlan TakeBlock()
        {
            var block = new BlockPlan(first, widest, parts);
            first += filled;
            filled = widest = 0;
            parts = [];
            return block;
        }
    }
}
