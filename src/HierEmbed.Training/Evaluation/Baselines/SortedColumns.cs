using HierEmbed.Core.Quantization;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>Lloyd–Max quantizers of every dimension at every rate, fitted when asked for.</summary>
internal sealed class SortedColumns
{
    /// <summary>Bits of a value at most.</summary>
    public const int MaxBits = 8;

    // With fewer values a level its place says more about the sample than about what is to come.
    private const int ValuesPerLevel = 8;

    private readonly float[][] columns;
    private readonly ScalarQuantizer?[,] quantizers;

    /// <param name="rows"><c>[rows, dims]</c>.</param>
    /// <param name="dims">Length of a row.</param>
    /// <param name="threads">At most so many at a time.</param>
    public SortedColumns(float[] rows, int dims, int threads)
    {
        int count = rows.Length / dims;
        columns = new float[dims][];
        Parallel.For(0, dims, new ParallelOptions { MaxDegreeOfParallelism = threads }, d =>
        {
            columns[d] = new float[count];
            for (int row = 0; row < count; row++)
                columns[d][row] = rows[(row * dims) + d];
            Array.Sort(columns[d]);
        });
        quantizers = new ScalarQuantizer?[dims, MaxBits + 1];
        Bits = (int)Math.Clamp(Math.Log2(count / (double)ValuesPerLevel), 1, MaxBits);
    }

    /// <summary>Number of dimensions.</summary>
    public int Dims => columns.Length;

    /// <summary>Bits that the sample is large enough for, at most <see cref="MaxBits"/>.</summary>
    public int Bits { get; }

    /// <summary>The quantizer of a dimension with 2^bits levels; with no bits its level is the mean.</summary>
    public ScalarQuantizer Quantizer(int dimension, int bits) =>
        quantizers[dimension, bits] ??= LloydMax.Fit(columns[dimension], 1 << bits);
}
