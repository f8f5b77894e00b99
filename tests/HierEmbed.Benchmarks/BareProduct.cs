using HierEmbed.Serving.Encoders;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace HierEmbed.Benchmarks;

/// <summary>The encoder's matrix product alone, on one thread and on memory that stays: nothing that encodes can be faster.</summary>
internal sealed class BareProduct : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions run = new();
    private readonly OrtValue from, to;
    private readonly Tensor left, right, product;

    /// <param name="gemm">A graph of one Gemm.</param>
    /// <param name="rows">Rows, <c>[count, inputDims]</c>.</param>
    /// <param name="count">How many.</param>
    /// <param name="inputDims">Length of a row.</param>
    /// <param name="latentDims">Rows of the other matrix.</param>
    public BareProduct(byte[] gemm, float[] rows, int count, int inputDims, int latentDims)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        session = new InferenceSession(gemm, options);
        from = OrtValue.CreateTensorValueFromMemory(rows, [count, inputDims]);
        to = OrtValue.CreateTensorValueFromMemory(new float[count * latentDims], [count, latentDims]);
        set_num_threads(1);
        left = tensor(rows).reshape(count, inputDims);
        right = randn(latentDims, inputDims).t();
        product = empty(count, latentDims);
    }

    /// <summary>In ONNX Runtime.</summary>
    public void Ort() => session.Run(run, [EncoderModel.InputName], [from], [EncoderModel.OutputName], [to]);

    /// <summary>In Torch.</summary>
    public void Torch() => product.addmm_(left, right, beta: 0, alpha: 1);

    public void Dispose()
    {
        foreach (IDisposable owned in (IDisposable[])[session, run, from, to, left, right, product])
            owned.Dispose();
    }
}
