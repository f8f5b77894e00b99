using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Labels;

namespace HierEmbed.Serving.Search;

/// <summary>Finds the row of an id: 12 bytes a row, the ids themselves stay in their files.</summary>
internal sealed class RowIds
{
    /// <summary>Bytes of a row with an id.</summary>
    public const int BytesPerRow = sizeof(ulong) + sizeof(int);

    private readonly IReadOnlyList<CodeFile> files;
    private readonly ulong[] hashes;
    private readonly int[] rows;

    /// <param name="files">The codes of the rows, in their order; they stay open while this is in use.</param>
    public RowIds(IReadOnlyList<CodeFile> files)
    {
        this.files = files;
        long most = files.Where(file => file.HasIds).Sum(file => file.Rows);
        hashes = new ulong[most];
        rows = new int[most];
        int count = 0, first = 0;
        foreach (CodeFile file in files)
        {
            for (int row = 0; file.HasIds && row < file.Rows; row++)
            {
                if (file.Id(row) is not { } id)
                    continue;
                hashes[count] = IdHash.Of(id);
                rows[count++] = first + row;
            }
            first += (int)file.Rows;
        }
        Count = count;
        Array.Sort(hashes, rows, 0, count);
    }

    /// <summary>Rows with an id.</summary>
    public int Count { get; }

    /// <summary>The first row of an id; null: no row has it.</summary>
    public int? Find(string id)
    {
        ulong hash = IdHash.Of(id);
        int at = Array.BinarySearch(hashes, 0, Count, hash);
        if (at < 0)
            return null;
        while (at > 0 && hashes[at - 1] == hash)
            at--;
        int? first = null;
        for (; at < Count && hashes[at] == hash; at++)
        {
            if ((first is null || rows[at] < first) && IdOf(rows[at]) == id)
                first = rows[at];
        }
        return first;
    }

    private string? IdOf(long row)
    {
        foreach (CodeFile file in files)
        {
            if (row < file.Rows)
                return file.Id(row);
            row -= file.Rows;
        }
        return null;
    }
}
