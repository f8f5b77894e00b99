using HierEmbed.Core;
using HierEmbed.Core.Errors;
using Microsoft.ML.OnnxRuntime;

namespace HierEmbed.Training.Export;

/// <summary>An exported graph, opened to be compared.</summary>
internal sealed class ExportedEncoder : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions options = new();

    /// <param name="onnx">The file's bytes.</param>
    /// <exception cref="ModelException">It does not load.</exception>
    public ExportedEncoder(byte[] onnx)
    {
        OnnxTelemetry.TurnOff();
        try
        {
            session = new InferenceSession(onnx);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException(ProblemTypes.ExportMismatch, "The exported encoder does not load in ONNX Runtime. Export it again.", e);
        }
    }

    /// <summary>Pre-activations of raw rows, <c>[count, latentDims]</c>.</summary>
    /// <exception cref="ModelException">The graph does not run on them, or answers another number of values.</exception>
    public float[] Run(IRowSource rows, int first, int count, int latentDims)
    {
        var values = new float[count * rows.Dims];
        rows.Read(first, values);
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(values, [count, rows.Dims]);
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

    public void Dispose()
    {
        options.Dispose();
        session.Dispose();
    }
}
