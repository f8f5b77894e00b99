using HierEmbed.Core.Errors;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;

namespace HierEmbed.Training.Export;

/// <summary>Holds an exported encoder to the network that it came from.</summary>
public static class EncoderParity
{
    /// <summary>The greatest deviation of a float32 encoder that is published.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>
    /// The greatest deviation of an int8 encoder that is published. Rounding costs .02 where weights and rows of 1024 dimensions are normally distributed, .03 where
    /// tails are heavy: 98 and 96 % of the largest 64 of 4096 stay. At .1 these are 89 %: a few dimensions or weights are so large that the others are rounded away.
    /// </summary>
    public const double QuantizedTolerance = 0.1;

    /// <summary>Rows that are compared at most: each costs inputDims × latentDims products here.</summary>
    private const int MaxRows = 1024;

    private const int BatchRows = 256;

    // float32: the greatest over rows of max |a_onnx − a| / max(1, max|a|): absolute for pre-activations around 1, relative to the row's largest
    // beyond, since float32 sums carry an error in proportion to it.   int8: √(Σ|a_onnx − a|² / Σ|a|²) over all rows: single latents may be off by more.
    /// <summary>Runs the graph in ONNX Runtime on raw rows and compares its pre-activations with the network's own on the scaled rows.</summary>
    /// <param name="onnx">The file's bytes.</param>
    /// <param name="network">The trained network.</param>
    /// <param name="scaler">Its scaler.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="rows">Held-out raw rows, <c>[rows, inputDims]</c>, at least one; the first 1,024 are compared.</param>
    /// <returns>The deviation.</returns>
    /// <exception cref="ModelException">It is above <see cref="Tolerance"/>, or <see cref="QuantizedTolerance"/> for int8, or the graph does not run.</exception>
    public static double Check(byte[] onnx, TrainedNetwork network, StandardScaler scaler, ResolvedRecipe recipe, IRowSource rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Rows, 1, nameof(rows));
        bool quantized = recipe.Recipe.EncoderPrecision == EncoderPrecision.Int8;
        ScaledRows scaled = ScaledRows.From(rows, scaler, recipe, inMemory: false);
        var expected = new float[network.LatentDims];
        double greatest = 0, squaredErrors = 0, squares = 0;
        using var encoder = new ExportedEncoder(onnx);
        int compared = Math.Min(rows.Rows, MaxRows);
        for (int first = 0; first < compared; first += BatchRows)
        {
            int count = Math.Min(BatchRows, compared - first);
            float[] actual = encoder.Run(rows, first, count, network.LatentDims);
            for (int row = 0; row < count; row++)
            {
                network.PreActivations(scaled.Row(first + row), expected);
                double largest = 1, difference = 0;
                for (int latent = 0; latent < expected.Length; latent++)
                {
                    largest = Math.Max(largest, Math.Abs(expected[latent]));
                    double here = Math.Abs((double)actual[(row * expected.Length) + latent] - expected[latent]);
                    difference = here <= difference ? difference : here; // NaN gets through
                    squaredErrors += here * here;
                    squares += (double)expected[latent] * expected[latent];
                }
                greatest = difference / largest <= greatest ? greatest : difference / largest;
            }
        }
        (double deviation, double tolerance) = quantized ? (Math.Sqrt(squaredErrors / Math.Max(squares, double.Epsilon)), QuantizedTolerance) : (greatest, Tolerance);
        if (!(deviation <= tolerance))
            throw new ModelException(ProblemTypes.ExportMismatch,
                $"The exported encoder deviates by {deviation:g3} from the trained network on {rows.Rows} rows; up to {tolerance:g1} is published. {(quantized ? "Train with encoderPrecision=float32." : "Look for dimensions of extreme scale, or train with scaling=centre.")}");
        return deviation;
    }
}
