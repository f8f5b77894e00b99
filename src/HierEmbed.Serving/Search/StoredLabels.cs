using System.Buffers.Binary;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Readers;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Search;

/// <summary>What files say of a dataset's rows, read from the results container by row. Thread-safe; nothing of it stays in memory.</summary>
/// <param name="reads">Reads parts of the container.</param>
/// <param name="folder">The version's folder.</param>
/// <param name="blocks">The blocks.</param>
internal sealed class StoredLabels(RangedReads reads, string folder, BlockMap blocks)
{
    private readonly bool[] known = new bool[blocks.Entries.Count];

    /// <summary>What is said of rows.</summary>
    /// <param name="rows">Their numbers, ascending, none twice.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="ModelException">A file is damaged.</exception>
    /// <exception cref="ArtifactNotFoundException">A file is gone.</exception>
    public async Task<RowLabels[]> ReadAsync(int[] rows, CancellationToken cancellationToken)
    {
        var labels = new RowLabels[rows.Length];
        (int Block, int Row)[] places = Array.ConvertAll(rows, blocks.Find);
        int[] wanted = [.. Enumerable.Range(0, rows.Length).Where(i => blocks.Entries[places[i].Block].Labels is not null)];
        await ReadHeadersAsync([.. wanted.Select(i => places[i].Block).Distinct().Where(block => !known[block])], cancellationToken);
        RangedPart[] texts = await FindTextsAsync(Array.ConvertAll(wanted, i => places[i]), cancellationToken);
        await reads.ReadAsync(texts, (part, bytes) => labels[wanted[part]] = LabelFile.Parse(texts[part].Name, places[wanted[part]].Row, bytes), cancellationToken);
        return labels;
    }

    private async Task ReadHeadersAsync(int[] missing, CancellationToken cancellationToken) =>
        await reads.ReadAsync([.. missing.Select(block => new RangedPart(NameOf(block), 0, LabelFileLayout.HeaderBytes))], (part, bytes) =>
        {
            int rows = blocks.Entries[missing[part]].Rows;
            if (!bytes.SequenceEqual(LabelFileLayout.Header(rows)))
                throw RangedReads.Damaged(NameOf(missing[part]), $"it does not begin as the labels of {rows} rows do");
            known[missing[part]] = true;
        }, cancellationToken);

    private async Task<RangedPart[]> FindTextsAsync((int Block, int Row)[] places, CancellationToken cancellationToken)
    {
        // The end of the text before stands in front of a row's own; the first row has none before it.
        RangedPart[] ends = Array.ConvertAll(places, place =>
        {
            int rows = blocks.Entries[place.Block].Rows, before = Math.Max(0, place.Row - 1);
            return new RangedPart(NameOf(place.Block), LabelFileLayout.EndAt(rows, before), sizeof(long) * (place.Row - before + 1));
        });
        var texts = new RangedPart[places.Length];
        await reads.ReadAsync(ends, (part, bytes) =>
        {
            (int block, int row) = places[part];
            long from = row == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(bytes), to = BinaryPrimitives.ReadInt64LittleEndian(bytes[^sizeof(long)..]);
            if (from < 0 || to < from || to - from > LabelFileLayout.MaxTextBytes)
                throw RangedReads.Damaged(NameOf(block), $"the text of row {row} reaches from byte {from} to {to}");
            texts[part] = new RangedPart(NameOf(block), LabelFileLayout.TextsAt(blocks.Entries[block].Rows) + from, (int)(to - from));
        }, cancellationToken);
        return texts;
    }

    private string NameOf(int block) => folder + Layout.LabelsFolder + blocks.Entries[block].Labels;
}
