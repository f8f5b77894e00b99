using System.Numerics.Tensors;

namespace HierEmbed.Core.Scaling;

/// <summary>Shifts and scales each dimension: x' = (x − μ) / s.</summary>
/// <remarks>Mode <see cref="ScalingMode.Standard"/> equals scikit-learn's StandardScaler, dimensions without variance included: they keep scale 1.</remarks>
public sealed class StandardScaler
{
    private readonly float[] mean;
    private readonly float[] scale;

    /// <summary>Takes a fitted scaler up again.</summary>
    /// <param name="mode">The mode that it was fitted with.</param>
    /// <param name="mean">μ, <c>[dims]</c>.</param>
    /// <param name="scale">s, <c>[dims]</c>, above 0.</param>
    public StandardScaler(ScalingMode mode, double[] mean, double[] scale)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scale.Length, mean.Length);
        Mode = mode;
        Mean = mean;
        Scale = scale;
        this.mean = Array.ConvertAll(mean, v => (float)v);
        this.scale = Array.ConvertAll(scale, v => (float)v);
    }

    /// <summary>The mode that it was fitted with.</summary>
    public ScalingMode Mode { get; }

    /// <summary>Length of a row.</summary>
    public int Dims => mean.Length;

    /// <summary>μ, <c>[dims]</c>.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>s, <c>[dims]</c>, above 0.</summary>
    public IReadOnlyList<double> Scale { get; }

    /// <summary>Fits a scaler to moments that were gathered in one pass.</summary>
    public static StandardScaler Fit(RunningMoments moments, ScalingMode mode)
    {
        int dims = moments.Dims;
        var mean = new double[dims];
        var scale = new double[dims];
        Array.Fill(scale, 1.0);
        if (mode != ScalingMode.None)
            moments.Mean.CopyTo(mean);
        if (mode == ScalingMode.Global)
        {
            double variance = moments.TotalVariance / dims;
            Array.Fill(scale, variance > 0 ? Math.Sqrt(variance) : 1.0);
        }
        else if (mode == ScalingMode.Standard)
        {
            for (int d = 0; d < dims; d++)
                scale[d] = IsConstant(moments, d) ? 1.0 : Math.Sqrt(moments.Variance(d));
        }
        return new StandardScaler(mode, mean, scale);
    }

    /// <summary>Whether a dimension's variance is no more than the rounding of its mean can explain.</summary>
    /// <remarks>The bound of scikit-learn's <c>_is_constant_feature</c>.</remarks>
    public static bool IsConstant(RunningMoments moments, int dim)
    {
        const double epsilon = 2.220446049250313e-16;
        double variance = moments.Variance(dim);
        double roundingOfMean = moments.Count * moments.Mean[dim] * epsilon;
        return variance <= (moments.Count * epsilon * variance) + (roundingOfMean * roundingOfMean);
    }

    /// <summary>Scales one row, <c>[dims]</c>; the destination may be the row itself.</summary>
    public void Transform(ReadOnlySpan<float> row, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, Dims);
        TensorPrimitives.Subtract(row, mean, destination);
        TensorPrimitives.Divide(destination[..Dims], scale, destination);
    }
}
