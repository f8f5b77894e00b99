using HierEmbed.Core.Codes;
using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Search;

/// <summary>The codes of consecutive rows, and where the index is large what candidates are found by. Immutable once filled.</summary>
/// <param name="First">Number of its first row in the index.</param>
/// <param name="Records">The codes.</param>
/// <param name="Sketches">Sketches of the rows, as <see cref="RowSketches"/> lays them out; empty where there are none.</param>
/// <param name="Lists">The latents' lists; null where there are none.</param>
internal sealed record IndexBlock(int First, CodeRecords Records, ReadOnlyMemory<byte> Sketches, PostingLists? Lists)
{
    /// <summary>Most rows: a posting holds a row's place in two bytes.</summary>
    public const int MaxRows = 1 << 16;

    /// <summary>Rows.</summary>
    public int Rows => Records.Rows;

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => Records.Bytes.Length + ((long)Records.Levels.Length * sizeof(float)) + Sketches.Length + (Lists?.Bytes ?? 0);

    /// <summary>Unpacks rows.</summary>
    /// <param name="first">Number of the first one in the index.</param>
    /// <param name="parts">Where they come from; the same levels everywhere.</param>
    /// <param name="norms">Makes the lengths that scores are divided by.</param>
    /// <param name="sketcher">Makes sketches; null: none.</param>
    /// <param name="listedLatents">Latents to make lists of; 0: none.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    public static IndexBlock Read(int first, IReadOnlyList<BlockPart> parts, CodeNorms norms, RowSketcher? sketcher, int listedLatents, CancellationToken cancellationToken)
    {
        int rows = parts.Sum(part => part.Rows), k = parts.Max(part => part.Source.K), stride = CodeRecords.BytesOf(k);
        var records = new byte[rows * stride];
        Memory<byte> sketches = sketcher is null ? default : AlignedBytes.Allocate(RowSketches.BytesOf(rows));
        float[] levels = parts[0].Source.Levels;
        int[] indices = new int[k];
        float[] values = new float[k], decoded = new float[norms.Dims];
        byte[] symbols = new byte[k], sketch = new byte[SketchAxes.SketchBytes];
        int row = 0;
        foreach (BlockPart part in parts)
        {
            for (long source = part.First; source < part.First + part.Rows; source++, row++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int active = part.Source.Read(source, indices, symbols, out float scale);
                for (int i = 0; i < active; i++)
                    values[i] = levels[symbols[i]] * scale;
                float norm = norms.Of(indices.AsSpan(0, active), values.AsSpan(0, active), decoded);
                CodeRecords.Put(records.AsSpan(row * stride, stride), k, indices.AsSpan(0, active), symbols, scale, norm);
                if (sketcher is null)
                    continue;
                sketcher.Sketch(indices.AsSpan(0, active), values.AsSpan(0, active), norm, sketch);
                RowSketches.Put(sketches.Span, row, sketch);
            }
        }
        var block = new IndexBlock(first, new CodeRecords(records, k, levels), sketches, null);
        return listedLatents == 0 ? block : block with { Lists = PostingLists.Of(block.Records, listedLatents) };
    }

    /// <summary>What a few latents give to the scores of all rows; needs <see cref="Lists"/>.</summary>
    /// <param name="query">The query, a code.</param>
    /// <param name="latents">The latents.</param>
    /// <param name="scores">Receives <c>[MaxRows]</c>: any place that a posting can name.</param>
    public void ScoreByLists(ProjectedQuery query, ReadOnlySpan<int> latents, Span<float> scores)
    {
        scores.Clear();
        foreach (int latent in latents)
            Lists!.Add(latent, query.Products[latent], scores);
    }
}
