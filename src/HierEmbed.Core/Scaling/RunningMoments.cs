namespace HierEmbed.Core.Scaling;

/// <summary>Count, mean and sum of squared deviations of each dimension, in float64, fed row by row and mergeable.</summary>
/// <remarks>Welford's update for a row; for a merge the pairwise formula of Chan, Golub and LeVeque (1979). Merging in a fixed order gives the same bits every time.</remarks>
public sealed class RunningMoments
{
    private readonly double[] mean;
    private readonly double[] m2;

    /// <summary>Makes empty moments.</summary>
    /// <param name="dims">Length of a row.</param>
    public RunningMoments(int dims) : this(0, new double[dims], new double[dims])
    {
    }

    /// <summary>Takes stored moments up again.</summary>
    /// <param name="count">Rows seen.</param>
    /// <param name="mean">Mean of each dimension, <c>[dims]</c>; owned from here on.</param>
    /// <param name="m2">Sum of squared deviations of each dimension, <c>[dims]</c>; owned from here on.</param>
    public RunningMoments(long count, double[] mean, double[] m2)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(m2.Length, mean.Length);
        Count = count;
        this.mean = mean;
        this.m2 = m2;
    }

    /// <summary>Rows seen.</summary>
    public long Count { get; private set; }

    /// <summary>Length of a row.</summary>
    public int Dims => mean.Length;

    /// <summary>Mean of each dimension, <c>[dims]</c>.</summary>
    public ReadOnlySpan<double> Mean => mean;

    /// <summary>Sum of squared deviations from the mean, <c>[dims]</c>.</summary>
    public ReadOnlySpan<double> M2 => m2;

    /// <summary>Population variance of one dimension, as scikit-learn's StandardScaler uses it.</summary>
    public double Variance(int dim) => Count == 0 ? 0 : m2[dim] / Count;

    /// <summary>Total variance: the sum over dimensions.</summary>
    public double TotalVariance
    {
        get
        {
            double sum = 0;
            for (int d = 0; d < Dims; d++)
                sum += Variance(d);
            return sum;
        }
    }

    /// <summary>Adds one row, <c>[dims]</c>.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, Dims);
        Count++;
        double inverseCount = 1.0 / Count;
        for (int d = 0; d < row.Length; d++)
        {
            double delta = row[d] - mean[d];
            mean[d] += delta * inverseCount;
            m2[d] += delta * (row[d] - mean[d]);
        }
    }

    /// <summary>Adds what another part of the data has seen.</summary>
    public void Merge(RunningMoments other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Dims, Dims);
        if (other.Count == 0)
            return;
        long total = Count + other.Count;
        double weight = (double)other.Count / total;
        for (int d = 0; d < Dims; d++)
        {
            double delta = other.mean[d] - mean[d];
            mean[d] += delta * weight;
            m2[d] += other.m2[d] + (delta * delta * Count * weight);
        }
        Count = total;
    }
}
