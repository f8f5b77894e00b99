using HierEmbed.Core.Quantization;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>Levels of least mean squared error for a Gaussian (Max 1960), moved and scaled to a sample: what is left where the sample is too small to say where levels lie.</summary>
internal static class GaussianLevels
{
    // So many quantiles stand for the density: at 256 levels the error is within one hundredth of the density's own.
    private const int Quantiles = 1 << 16;

    private static readonly Lazy<float[][]> ByBits = new(Fit);

    /// <summary>Levels for a sample's mean and deviation.</summary>
    /// <param name="sample">Finite values, from one.</param>
    /// <param name="bits">2^bits levels, 0 to <see cref="SortedColumns.MaxBits"/>.</param>
    /// <returns>With the mean squared error on the sample: its place and width are fitted, its levels are not.</returns>
    public static ScalarQuantizer For(ReadOnlySpan<float> sample, int bits)
    {
        double mean = 0, squares = 0;
        foreach (float value in sample)
            mean += value;
        mean /= sample.Length;
        foreach (float value in sample)
            squares += (value - mean) * (value - mean);
        double deviation = Math.Sqrt(squares / sample.Length);
        float[] levels = Array.ConvertAll(ByBits.Value[bits], level => (float)(mean + (deviation * level)));
        var quantizer = new ScalarQuantizer(levels, 0);
        double distortion = 0;
        foreach (float value in sample)
        {
            double error = value - (double)quantizer.Nearest(value);
            distortion += error * error;
        }
        return new ScalarQuantizer(levels, distortion / sample.Length);
    }

    private static float[][] Fit()
    {
        // Φ by the trapezoidal rule, and x where it passes each (i + ½)/n.
        const double step = 1e-4, density0 = 0.3989422804014327;
        var quantiles = new float[Quantiles];
        double x = -6, below = 0, density = density0 * Math.Exp(-x * x / 2);
        for (int i = 0; i < Quantiles;)
        {
            double next = x + step, nextDensity = density0 * Math.Exp(-next * next / 2), upTo = below + (step * (density + nextDensity) / 2);
            for (; i < Quantiles && (i + 0.5) / Quantiles <= upTo; i++)
                quantiles[i] = (float)(x + (step * (((i + 0.5) / Quantiles) - below) / (upTo - below)));
            (x, density, below) = (next, nextDensity, upTo);
        }
        return [.. Enumerable.Range(0, SortedColumns.MaxBits + 1).Select(bits => LloydMax.Fit(quantiles, 1 << bits).Levels.ToArray())];
    }
}
