using HierEmbed.Core.Quantization;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>Lloyd–Max quantizers of every dimension at every rate, fitted when asked for: to the values where they are enough, else to a Gaussian of their mean and deviation.</summary>
internal sealed class SortedColumns
{
    /// <summary>Bits of a value at most.</summary>
    public const int MaxBits = 8;

    // With fewer values a level its place says more about the sample than about what is to come.
    private const int ValuesPerLevel = 8;

    private readonly float[][] columns;
    private readonly ScalarQuantizer?[,] quantizers;
    private readonly int fittedBits;

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
        fittedBits = (int)Math.Clamp(Math.Log2(count / (double)ValuesPerLevel), 1, MaxBits);
    }

    /// <summary>Number of dimensions.</summary>
    public int Dims => columns.Length;

    /// <summary>The quantizer of a dimension with 2^bits levels; with no bits its level is the mean.</summary>
    public ScalarQuantizer Quantizer(int dimension, int bits) =>
        quantizers[dimension, bits] ??= bits <= fittedBits ? LloydMax.Fit(columns[dimension], 1 << bits) : GaussianLevels.For(columns[dimension], bits);
}
