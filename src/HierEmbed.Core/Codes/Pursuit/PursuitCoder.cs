using System.Numerics.Tensors;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Codes.Pursuit;

/// <summary>Codes rows by orthogonal matching pursuit, for vectors that are coded once and searched for long. Thread-safe.</summary>
/// <remarks>
/// A row's code depends neither on the rows beside it nor on the number of threads.
/// </remarks>
public sealed class PursuitCoder
{
    /// <summary>Rows whose products are made at once: enough for the dictionary to be read once for many.</summary>
    private const int ChunkRows = 32;

    private readonly int threads;

    /// <summary>Takes a dictionary.</summary>
    /// <param name="dictionary">The model's.</param>
    /// <param name="threads">Threads that a call works on; 0: one a core.</param>
    public PursuitCoder(LinearDecoder dictionary, int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Dictionary = dictionary;
        this.threads = threads == 0 ? Environment.ProcessorCount : threads;
    }

    /// <summary>The atoms.</summary>
    public LinearDecoder Dictionary { get; }

    /// <summary>Codes rows with least-squares values.</summary>
    /// <param name="normalizedRows">Embeddings of unit length, <c>[rows, inputDims]</c>.</param>
    /// <param name="k">Most atoms of a code, 1 to latentDims.</param>
    /// <returns>A code for each row, indices ascending; fewer than k where more atoms add nothing.</returns>
    public SparseCode[] Encode(ReadOnlySpan<float> normalizedRows, int k) => Encode(normalizedRows, k, null);

    /// <summary>Codes rows with values that a packed code keeps as they are, re-optimized on the format's grid.</summary>
    /// <param name="normalizedRows">Embeddings of unit length, <c>[rows, inputDims]</c>.</param>
    /// <param name="format">The format that the codes are for.</param>
    /// <exception cref="ArgumentException">The format is for other latents.</exception>
    public SparseCode[] Encode(ReadOnlySpan<float> normalizedRows, PackedCodeFormat format) => format.LatentDims == Dictionary.LatentDims
        ? Encode(normalizedRows, format.K, format.Grid)
        : throw new ArgumentException($"The format is for {format.LatentDims} latents; the dictionary has {Dictionary.LatentDims}.", nameof(format));

    private SparseCode[] Encode(ReadOnlySpan<float> rows, int k, ValueGrid? grid)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, Dictionary.LatentDims);
        int dims = Dictionary.InputDims;
        (int count, int rest) = int.DivRem(rows.Length, dims);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rest, 0, nameof(rows));
        var centred = new float[rows.Length];
        for (int row = 0; row < count; row++)
            TensorPrimitives.Subtract(rows.Slice(row * dims, dims), Dictionary.Mean, centred.AsSpan(row * dims, dims));
        // More atoms than dimensions cannot be independent.
        int most = Math.Min(k, dims);
        var codes = new SparseCode[count];
        _ = Dictionary.Gram;
        Parallel.For(0, (count + ChunkRows - 1) / ChunkRows, new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => new Workspace(Dictionary, most),
            (chunk, _, workspace) =>
            {
                int first = chunk * ChunkRows, length = Math.Min(ChunkRows, count - first);
                EncodeChunk(centred.AsSpan(first * dims, length * dims), most, grid, workspace, codes.AsSpan(first, length));
                return workspace;
            },
            _ => { });
        return codes;
    }

    private void EncodeChunk(ReadOnlySpan<float> centred, int k, ValueGrid? grid, Workspace workspace, Span<SparseCode> codes)
    {
        int latentDims = Dictionary.LatentDims;
        RowProducts.Multiply(centred, Dictionary.Atoms, Dictionary.InputDims, workspace.Products);
        OrthogonalPursuit pursuit = workspace.Pursuit;
        for (int row = 0; row < codes.Length; row++)
        {
            ReadOnlySpan<float> products = workspace.Products.AsSpan(row * latentDims, latentDims);
            pursuit.Code(products, k);
            if (grid is not null)
                workspace.Descent.Fit(pursuit.Chosen, pursuit.Values, products, grid);
            int[] indices = pursuit.Chosen.ToArray();
            float[] values = pursuit.Values.ToArray();
            Array.Sort(indices, values);
            codes[row] = new SparseCode(latentDims, indices, values, TensorPrimitives.Norm<float>(values));
        }
    }

    private sealed class Workspace
    {
        public Workspace(LinearDecoder dictionary, int k)
        {
            Products = new float[ChunkRows * dictionary.LatentDims];
            var residual = new ResidualProducts(dictionary);
            Pursuit = new OrthogonalPursuit(residual, k);
            Descent = new QuantizedDescent(residual, k);
        }

        public float[] Products { get; }
        public OrthogonalPursuit Pursuit { get; }
        public QuantizedDescent Descent { get; }
    }
}
