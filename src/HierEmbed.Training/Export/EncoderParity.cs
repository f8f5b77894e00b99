using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;
using Microsoft.ML.OnnxRuntime;

namespace HierEmbed.Training.Export;

/// <summary>Holds an exported encoder to the network that it came from.</summary>
public static class EncoderParity
{
    /// <summary>The greatest deviation that is published.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Rows that are compared at most: each costs inputDims × latentDims products here.</summary>
    private const int MaxRows = 1024;

    private const int BatchRows = 256;

    // deviation = the greatest over rows of max |a_onnx − a| / max(1, max|a|): absolute for pre-activations around 1, relative to the row's
    // largest beyond, since float32 sums carry an error in proportion to it.
    /// <summary>Runs the graph in ONNX Runtime on raw rows and compares its pre-activations with the network's own on the scaled rows.</summary>
    /// <param name="onnx">The file's bytes.</param>
    /// <param name="network">The trained network.</param>
    /// <param name="scaler">Its scaler.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="rows">Held-out raw rows, <c>[rows, inputDims]</c>, at least one; the first 1,024 are compared.</param>
    /// <returns>The deviation.</returns>
    /// <exception cref="ModelException">It is above <see cref="Tolerance"/>, or the graph does not run.</exception>
    public static double Check(byte[] onnx, TrainedNetwork network, StandardScaler scaler, ResolvedRecipe recipe, IRowSource rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Rows, 1, nameof(rows));
        ScaledRows scaled = ScaledRows.From(rows, scaler, recipe, inMemory: false);
        var expected = new float[network.LatentDims];
        double deviation = 0;
        using InferenceSession session = Open(onnx);
        int compared = Math.Min(rows.Rows, MaxRows);
        for (int first = 0; first < compared; first += BatchRows)
        {
            int count = Math.Min(BatchRows, compared - first);
            float[] actual = Run(session, rows, first, count, network.LatentDims);
            for (int row = 0; row < count; row++)
            {
                network.PreActivations(scaled.Row(first + row), expected);
                double largest = 1, difference = 0;
                for (int latent = 0; latent < expected.Length; latent++)
                {
                    largest = Math.Max(largest, Math.Abs(expected[latent]));
                    double here = Math.Abs((double)actual[(row * expected.Length) + latent] - expected[latent]);
                    difference = here <= difference ? difference : here; // NaN gets through
                }
                deviation = difference / largest <= deviation ? deviation : difference / largest;
            }
        }
        if (!(deviation <= Tolerance))
            throw new ModelException(ProblemTypes.ExportMismatch,
                $"The exported encoder deviates by {deviation:g3} from the trained network on {rows.Rows} rows; up to {Tolerance:g1} is published. Look for dimensions of extreme scale, or train with scaling=centre.");
        return deviation;
    }

    private static InferenceSession Open(byte[] onnx)
    {
        OnnxTelemetry.TurnOff();
        try
        {
            return new InferenceSession(onnx);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException(ProblemTypes.ExportMismatch, "The exported encoder does not load in ONNX Runtime. Export it again.", e);
        }
    }

    private static float[] Run(InferenceSession session, IRowSource rows, int first, int count, int latentDims)
    {
        var values = new float[count * rows.Dims];
        rows.Read(first, values);
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(values, [count, rows.Dims]);
        using var options = new RunOptions();
        try
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, [OnnxEncoder.InputName], [input], [OnnxEncoder.OutputName]);
            float[] actual = outputs[0].GetTensorDataAsSpan<float>().ToArray();
            return actual.Length == count * latentDims
                ? actual
                : throw new ModelException(ProblemTypes.ExportMismatch,
                    $"The exported encoder answers {actual.Length} values for {count} rows; expected {latentDims} each. Export it again.");
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException(ProblemTypes.ExportMismatch, $"The exported encoder does not run on rows of {rows.Dims} dims. Export it again.", e);
        }
    }
}
