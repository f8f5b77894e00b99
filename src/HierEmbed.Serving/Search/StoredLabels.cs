using System.Buffers.Binary;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Search;

/// <summary>What files say of a dataset's rows, and which rows of the files they are, read from the results container by row. Thread-safe; nothing of it stays in memory.</summary>
/// <param name="reads">Reads parts of the container.</param>
/// <param name="folder">The version's folder.</param>
/// <param name="blocks">The blocks.</param>
internal sealed class StoredLabels(RangedReads reads, string folder, BlockMap blocks)
{
    // Number of each block's first row as its labels count: from the file's first row, or where a file of labels beside the data made them from the block's.
    // Below 0: not read yet. Requests may read one twice, and find the same.
    private readonly long[] firstNumbers = [.. Enumerable.Repeat(-1L, blocks.Entries.Count)];

    /// <summary>What is said of rows, and where they come from.</summary>
    /// <param name="rows">Their numbers, ascending, none twice.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="ModelException">A file is damaged.</exception>
    /// <exception cref="ArtifactNotFoundException">A file is gone.</exception>
    public async Task<StoredRow[]> ReadAsync(int[] rows, CancellationToken cancellationToken)
    {
        (int Block, int Row)[] places = Array.ConvertAll(rows, blocks.Find);
        // Where there are no labels, no row is left out within the block.
        StoredRow[] found = Array.ConvertAll(places, place => new StoredRow(default, blocks.Entries[place.Block].File, blocks.Entries[place.Block].FirstRow + place.Row));
        int[] wanted = [.. Enumerable.Range(0, rows.Length).Where(i => blocks.Entries[places[i].Block].Labels is not null)];
        await ReadHeadersAsync([.. wanted.Select(i => places[i].Block).Distinct().Where(block => firstNumbers[block] < 0)], cancellationToken);
        (RangedPart[] texts, long[] offsets) = await FindTextsAsync(Array.ConvertAll(wanted, i => places[i]), cancellationToken);
        await reads.ReadAsync(texts, (part, bytes) =>
        {
            (int block, int row) = places[wanted[part]];
            found[wanted[part]] = new StoredRow(LabelFile.Parse(texts[part].Name, row, bytes), blocks.Entries[block].File, blocks.Entries[block].FirstRow + offsets[part]);
        }, cancellationToken);
        return found;
    }

    private async Task ReadHeadersAsync(int[] missing, CancellationToken cancellationToken) =>
        await reads.ReadAsync([.. missing.Select(block => new RangedPart(NameOf(block), 0, LabelFileLayout.HeaderBytes + sizeof(long)))], (part, bytes) =>
        {
            int rows = blocks.Entries[missing[part]].Rows;
            if (!bytes[..LabelFileLayout.HeaderBytes].SequenceEqual(LabelFileLayout.Header(rows)))
                throw RangedReads.Damaged(NameOf(missing[part]), $"it does not begin as the labels of {rows} rows do");
            long first = BinaryPrimitives.ReadInt64LittleEndian(bytes[LabelFileLayout.HeaderBytes..]);
            firstNumbers[missing[part]] = first >= 0 ? first : throw RangedReads.Damaged(NameOf(missing[part]), $"its first row has the number {first}");
        }, cancellationToken);

    /// <summary>Where rows' texts are, and how many rows of the file are between each and the first of its block.</summary>
    private async Task<(RangedPart[] Texts, long[] Offsets)> FindTextsAsync((int Block, int Row)[] places, CancellationToken cancellationToken)
    {
        var texts = new RangedPart[places.Length];
        var offsets = new long[places.Length];
        // A block's numbers, then its ends, as they lie in the file: in small files they come together.
        (int Place, bool IsEnd)[] order = [.. Enumerable.Range(0, places.Length).SelectMany(i => ((int, bool)[])[(i, false), (i, true)]).OrderBy(item => places[item.Item1].Block).ThenBy(item => item.Item2)];
        RangedPart[] parts = Array.ConvertAll(order, item => item.IsEnd ? EndsOf(places[item.Place]) : new RangedPart(NameOf(places[item.Place].Block), LabelFileLayout.SourceRowAt(places[item.Place].Row), sizeof(long)));
        await reads.ReadAsync(parts, (part, bytes) =>
        {
            (int at, bool isEnd) = order[part];
            (int block, int row) = places[at];
            if (isEnd)
                texts[at] = TextOf(block, row, bytes);
            else if ((offsets[at] = BinaryPrimitives.ReadInt64LittleEndian(bytes) - firstNumbers[block]) < row)
                throw RangedReads.Damaged(NameOf(block), $"row {row} is {offsets[at]} rows behind the first of the block");
        }, cancellationToken);
        return (texts, offsets);
    }

    /// <summary>The end of the text before stands in front of a row's own; the first row has none before it.</summary>
    private RangedPart EndsOf((int Block, int Row) place)
    {
        int before = Math.Max(0, place.Row - 1);
        return new RangedPart(NameOf(place.Block), LabelFileLayout.EndAt(blocks.Entries[place.Block].Rows, before), sizeof(long) * (place.Row - before + 1));
    }

    private RangedPart TextOf(int block, int row, ReadOnlySpan<byte> ends)
    {
        long from = row == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(ends), to = BinaryPrimitives.ReadInt64LittleEndian(ends[^sizeof(long)..]);
        return from < 0 || to < from || to - from > LabelFileLayout.MaxTextBytes
            ? throw RangedReads.Damaged(NameOf(block), $"the text of row {row} reaches from byte {from} to {to}")
            : new RangedPart(NameOf(block), LabelFileLayout.TextsAt(blocks.Entries[block].Rows) + from, (int)(to - from));
    }

    private string NameOf(int block) => folder + Layout.LabelsFolder + blocks.Entries[block].Labels;
}
