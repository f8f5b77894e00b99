using HierEmbed.Core.Models;

namespace HierEmbed.Serving.Search;

/// <summary>Which block of a dataset holds a row: rows are numbered over all blocks in their order.</summary>
internal sealed class BlockMap
{
    private readonly int[] firstRows;

    /// <param name="entries">The blocks, each with rows.</param>
    public BlockMap(IReadOnlyList<CodesIndexEntry> entries)
    {
        Entries = entries;
        firstRows = new int[entries.Count];
        for (int i = 0; i < entries.Count; i++)
        {
            firstRows[i] = Rows;
            Rows = checked(Rows + entries[i].Rows);
        }
    }

    /// <summary>The blocks.</summary>
    public IReadOnlyList<CodesIndexEntry> Entries { get; }

    /// <summary>Rows of all blocks.</summary>
    public int Rows { get; }

    /// <summary>Where a row is.</summary>
    /// <param name="row">From 0.</param>
    public (int Block, int Row) Find(int row)
    {
        int at = Array.BinarySearch(firstRows, row);
        int block = at < 0 ? ~at - 1 : at;
        return (block, row - firstRows[block]);
    }
}
