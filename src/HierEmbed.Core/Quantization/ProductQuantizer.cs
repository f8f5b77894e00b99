namespace HierEmbed.Core.Quantization;

/// <summary>Product quantization (Jégou, Douze and Schmid 2011): a row is cut into parts of equal length, each stored as one byte, the number of the nearest of 256 centroids.</summary>
public sealed class ProductQuantizer
{
    /// <summary>Centroids of a part: what a byte tells apart.</summary>
    public const int Centroids = 256;

    private readonly NearestCentroid[] nearest;
    private readonly float[] codebooks;
    private readonly int partDims;

    /// <summary>Takes codebooks.</summary>
    /// <param name="codebooks"><c>[parts, 256, partDims]</c>.</param>
    /// <param name="parts">Bytes of a code.</param>
    /// <param name="dims">Length of a row: at most parts × partDims, what is missing being zeros.</param>
    /// <exception cref="ArgumentException">The sizes do not fit.</exception>
    public ProductQuantizer(float[] codebooks, int parts, int dims)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        partDims = codebooks.Length / (parts * Centroids);
        if (partDims * parts * Centroids != codebooks.Length || partDims * parts < dims || dims < 1)
            throw new ArgumentException($"{codebooks.Length} values are no {parts} codebooks of 256 centroids for rows of {dims} dims.", nameof(codebooks));
        this.codebooks = codebooks;
        Parts = parts;
        Dims = dims;
        nearest = [.. Enumerable.Range(0, parts).Select(part => new NearestCentroid(Codebook(part), partDims))];
    }

    /// <summary>Bytes of a code.</summary>
    public int Parts { get; }

    /// <summary>Length of a row.</summary>
    public int Dims { get; }

    /// <summary>Values of all codebooks.</summary>
    public int CodebookValues => codebooks.Length;

    /// <summary>Fits codebooks by k-means, each part on its own.</summary>
    /// <param name="rows"><c>[rows, dims]</c>, finite, from one row.</param>
    /// <param name="dims">Length of a row; padded with zeros to a multiple of the parts.</param>
    /// <param name="parts">Bytes of a code, from 1. Parts that padding alone would fill are left out.</param>
    /// <param name="iterations">Of k-means.</param>
    /// <param name="seed">For k-means.</param>
    /// <param name="threads">At most so many at a time; the result does not depend on it.</param>
    public static ProductQuantizer Fit(ReadOnlyMemory<float> rows, int dims, int parts, int iterations, int seed, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        int partDims = (dims + parts - 1) / parts, used = (dims + partDims - 1) / partDims;
        int count = rows.Length / dims;
        var codebooks = new float[used * Centroids * partDims];
        Parallel.For(0, used, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
        {
            var points = new float[count * partDims];
            for (int row = 0; row < count; row++)
                Cut(rows.Span.Slice(row * dims, dims), part, points.AsSpan(row * partDims, partDims));
            KMeans.Fit(points, partDims, Centroids, iterations, HashCode(seed, part)).CopyTo(codebooks, part * Centroids * partDims);
        });
        return new ProductQuantizer(codebooks, used, dims);
    }

    /// <summary>Codes one row.</summary>
    /// <param name="row"><c>[dims]</c>.</param>
    /// <param name="code">Receives <c>[parts]</c>.</param>
    public void Encode(ReadOnlySpan<float> row, Span<byte> code)
    {
        Span<float> padded = stackalloc float[partDims];
        for (int part = 0; part < Parts; part++)
        {
            Cut(row, part, padded);
            code[part] = (byte)nearest[part].Find(padded, out _);
        }
    }

    /// <summary>Decodes one row.</summary>
    /// <param name="code"><c>[parts]</c>.</param>
    /// <param name="row">Receives <c>[dims]</c>.</param>
    public void Decode(ReadOnlySpan<byte> code, Span<float> row)
    {
        for (int part = 0; part < Parts; part++)
        {
            Span<float> target = row[Math.Min(part * partDims, Dims)..Math.Min((part + 1) * partDims, Dims)];
            Codebook(part).Slice(code[part] * partDims, target.Length).CopyTo(target);
        }
    }

    private ReadOnlySpan<float> Codebook(int part) => codebooks.AsSpan(part * Centroids * partDims, Centroids * partDims);

    // Each part starts from other rows; the numbers are the same on every machine, unlike System.HashCode's.
    private static int HashCode(int seed, int part) => unchecked((seed * 486_187_739) + part);

    /// <summary>One part of a row, zeros where the row has ended.</summary>
    private static void Cut(ReadOnlySpan<float> row, int part, Span<float> values)
    {
        int first = Math.Min(part * values.Length, row.Length), end = Math.Min(first + values.Length, row.Length);
        row[first..end].CopyTo(values);
        values[(end - first)..].Clear();
    }
}
