using System.Runtime.InteropServices;
using HierEmbed.Core.Recipes;
using static TorchSharp.torch;

namespace HierEmbed.Training.Network;

/// <summary>The four arrays of a one-hidden-layer autoencoder; gradients and Adam's moments have the same shape.</summary>
internal sealed class NetworkParameters : IDisposable
{
    private NetworkParameters(Tensor[] all)
    {
        All = all;
        foreach (Tensor tensor in all)
            tensor.DetachFromDisposeScope();
    }

    /// <summary>Names in the order of <see cref="All"/>; a checkpoint's tensors carry them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["encoder", "encoder_bias", "decoder", "decoder_bias"];

    /// <summary>W, <c>[latentDims, inputDims]</c>.</summary>
    public Tensor Encoder => All[0];

    /// <summary>b, <c>[latentDims]</c>.</summary>
    public Tensor EncoderBias => All[1];

    /// <summary>D with one latent's atom a row, <c>[latentDims, inputDims]</c>.</summary>
    public Tensor Decoder => All[2];

    /// <summary>c, <c>[inputDims]</c>.</summary>
    public Tensor DecoderBias => All[3];

    /// <summary>The four in the order of <see cref="Names"/>.</summary>
    public IReadOnlyList<Tensor> All { get; }

    public static NetworkParameters Zeros(int latentDims, int inputDims) => new(
        [zeros(latentDims, inputDims), zeros(latentDims), zeros(latentDims, inputDims), zeros(inputDims)]);

    public static NetworkParameters Zeros(ResolvedRecipe recipe) => Zeros(recipe.LatentDims, recipe.InputDims);

    /// <summary>A copy of a trained network's arrays.</summary>
    public static NetworkParameters From(TrainedNetwork network)
    {
        NetworkParameters parameters = Zeros(network.Recipe);
        float[][] arrays = [network.Encoder, network.EncoderBias, network.Decoder, network.DecoderBias];
        for (int i = 0; i < arrays.Length; i++)
            arrays[i].CopyTo(Values(parameters.All[i]));
        return parameters;
    }

    /// <summary>A copy, by default of the same type.</summary>
    public NetworkParameters Clone(ScalarType? type = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return new NetworkParameters([.. All.Select(t => t.detach().to_type(type ?? t.dtype, copy: true).MoveToOuterDisposeScope())]);
    }

    /// <summary>Overwrites these values with others of the same shapes.</summary>
    public void CopyFrom(NetworkParameters other)
    {
        for (int i = 0; i < All.Count; i++)
            other.All[i].bytes.CopyTo(All[i].bytes);
    }

    /// <summary>One array's values in place, row-major; float32 only.</summary>
    public static Span<float> Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>One latent's row of <see cref="Encoder"/> or <see cref="Decoder"/> in place, <c>[inputDims]</c>.</summary>
    public static Span<float> Row(Tensor tensor, int row) =>
        Values(tensor).Slice(checked(row * (int)tensor.shape[1]), (int)tensor.shape[1]);

    public void Dispose()
    {
        foreach (Tensor tensor in All)
            tensor.Dispose();
    }
}
