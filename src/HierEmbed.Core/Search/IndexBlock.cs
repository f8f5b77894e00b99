using System.Numerics.Tensors;
using HierEmbed.Core.Codes;

namespace HierEmbed.Core.Search;

/// <summary>The codes of consecutive rows, unpacked, and where the index is large the lists of their latents. Immutable once filled.</summary>
internal sealed class IndexBlock
{
    /// <summary>Most rows: a posting holds a row's place in two bytes.</summary>
    public const int MaxRows = 1 << 16;

    private readonly float[] levels;
    private readonly int[] starts;
    private readonly ushort[] latents;
    private readonly byte[] symbols;
    private readonly float[] scales;
    private readonly float[] norms;

    private IndexBlock(int first, float[] levels, int[] starts, ushort[] latents, byte[] symbols, float[] scales, float[] norms)
    {
        First = first;
        this.levels = levels;
        this.starts = starts;
        this.latents = latents;
        this.symbols = symbols;
        this.scales = scales;
        this.norms = norms;
    }

    /// <summary>Number of its first row in the index.</summary>
    public int First { get; }

    /// <summary>Rows.</summary>
    public int Rows => scales.Length;

    /// <summary>The latents' lists; null where every row is scored.</summary>
    public PostingLists? Lists { get; private init; }

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => ((long)levels.Length * sizeof(float)) + ((long)starts.Length * sizeof(int)) + ((long)latents.Length * (sizeof(ushort) + 1))
        + ((long)Rows * 2 * sizeof(float)) + (Lists?.Bytes ?? 0);

    /// <summary>Unpacks rows.</summary>
    /// <param name="first">Number of the first one in the index.</param>
    /// <param name="parts">Where they come from; the same levels everywhere.</param>
    /// <param name="norms">Makes the lengths that scores are divided by.</param>
    /// <param name="latentDims">Latents.</param>
    /// <param name="lists">Whether to make lists.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    public static IndexBlock Read(int first, IReadOnlyList<BlockPart> parts, CodeNorms norms, int latentDims, bool lists, CancellationToken cancellationToken)
    {
        int rows = parts.Sum(part => part.Rows), k = parts.Max(part => part.Source.K);
        var starts = new int[rows + 1];
        var latents = new ushort[rows * k];
        var symbols = new byte[rows * k];
        var scales = new float[rows];
        var lengths = new float[rows];
        float[] levels = parts[0].Source.Levels;
        int[] indices = new int[k];
        float[] values = new float[k], decoded = new float[norms.Dims];
        int row = 0, at = 0;
        foreach (BlockPart part in parts)
        {
            for (long source = part.First; source < part.First + part.Rows; source++, row++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int active = part.Source.Read(source, indices, symbols.AsSpan(at), out scales[row]);
                for (int i = 0; i < active; i++)
                {
                    latents[at + i] = (ushort)indices[i];
                    values[i] = levels[symbols[at + i]] * scales[row];
                }
                lengths[row] = norms.Of(indices.AsSpan(0, active), values.AsSpan(0, active), decoded);
                at += active;
                starts[row + 1] = at;
            }
        }
        Array.Resize(ref latents, at);
        Array.Resize(ref symbols, at);
        var block = new IndexBlock(first, levels, starts, latents, symbols, scales, lengths);
        return lists ? block.WithLists(latentDims) : block;
    }

    /// <summary>Where a row's components begin.</summary>
    public int Start(int row) => starts[row];

    /// <summary>The latent of a component.</summary>
    public int Latent(int at) => latents[at];

    /// <summary>What a component adds to its row's score for a product of 1.</summary>
    public float Impact(int row, int at) => levels[symbols[at]] * scales[row] / norms[row];

    /// <summary>A row's code.</summary>
    public SparseCode Code(int row, int latentDims)
    {
        int start = starts[row], active = starts[row + 1] - start;
        var indices = new int[active];
        var values = new float[active];
        for (int i = 0; i < active; i++)
        {
            indices[i] = latents[start + i];
            values[i] = levels[symbols[start + i]] * scales[row];
        }
        return new SparseCode(latentDims, indices, values, TensorPrimitives.Norm<float>(values));
    }

    /// <summary>The score of a row with all its components, as <see cref="AsymmetricScorer"/> sums it.</summary>
    public float Score(int row, ProjectedQuery query)
    {
        ReadOnlySpan<float> products = query.Products, level = levels;
        float scale = scales[row], sum = query.MeanProduct;
        int start = starts[row], active = starts[row + 1] - start;
        ReadOnlySpan<ushort> latent = latents.AsSpan(start, active);
        ReadOnlySpan<byte> symbol = symbols.AsSpan(start, active);
        for (int i = 0; i < latent.Length; i++)
            sum += products[latent[i]] * (level[symbol[i]] * scale);
        return sum / norms[row];
    }

    /// <summary>The scores of all rows.</summary>
    /// <param name="query">The query.</param>
    /// <param name="scores">Receives <c>[rows]</c>.</param>
    public void ScoreAll(ProjectedQuery query, Span<float> scores)
    {
        for (int row = 0; row < scores.Length; row++)
            scores[row] = Score(row, query);
    }

    /// <summary>What a few latents give to the scores of all rows; needs <see cref="Lists"/>.</summary>
    /// <param name="query">The query.</param>
    /// <param name="heaviest">The latents.</param>
    /// <param name="scores">Receives <c>[rows]</c>.</param>
    public void ScoreByLists(ProjectedQuery query, ReadOnlySpan<int> heaviest, Span<float> scores)
    {
        if (query.MeanProduct == 0)
            scores.Clear();
        else
            TensorPrimitives.Divide(query.MeanProduct, norms, scores);
        foreach (int latent in heaviest)
            Lists!.Add(latent, query.Products[latent], scores);
    }

    private IndexBlock WithLists(int latentDims) => new(First, levels, starts, latents, symbols, scales, norms) { Lists = PostingLists.Of(this, latentDims) };
}
