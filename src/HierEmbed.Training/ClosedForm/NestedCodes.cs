using System.Numerics.Tensors;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Training.ClosedForm;

/// <summary>
/// The codes of one batch taken inside the first so many latents, read back at several k at once, with the gradients that follow
/// in closed form. Rows are independent of one another: several threads may work on different rows.
/// </summary>
/// <param name="maxRows">Rows of a batch at most.</param>
/// <param name="inputDims">Length of a row.</param>
internal sealed class NestedCodes(int maxRows, int inputDims)
{
    private int[] latents = [];
    private float[] values = [];
    private float[] valueGradients = [];
    private float[] residualGradients = [];
    private double[] squares = [];
    private readonly int[] active = new int[maxRows];
    private int[] groupOf = [];
    private int[] ks = [];

    /// <summary>Latents that codes are taken from: all, or a prefix.</summary>
    public int Latents { get; private set; }

    /// <summary>Components of a row at most: the largest k.</summary>
    public int Width => ks[^1];

    /// <summary>Numbers of active components, ascending.</summary>
    public IReadOnlyList<int> Ks => ks;

    /// <summary>Sets what the next batch is coded for.</summary>
    public void Configure(int latentCount, IReadOnlyList<int> wantedKs)
    {
        Latents = latentCount;
        if (ks.AsSpan().SequenceEqual(wantedKs.ToArray()))
            return;
        ks = [.. wantedKs];
        latents = new int[maxRows * Width];
        values = new float[maxRows * Width];
        valueGradients = new float[maxRows * Width];
        residualGradients = new float[maxRows * ks.Length * inputDims];
        squares = new double[maxRows * ks.Length];
        groupOf = [.. Enumerable.Range(0, Width).Select(slot => Array.FindIndex(ks, k => slot < k))];
    }

    /// <summary>Active components of a row.</summary>
    public int Active(int row) => active[row];

    /// <summary>Which latent a component is.</summary>
    public int Latent(int row, int slot) => latents[(row * Width) + slot];

    /// <summary>z of a component.</summary>
    public float Value(int row, int slot) => values[(row * Width) + slot];

    /// <summary>∂L/∂z of a component.</summary>
    public float ValueGradient(int row, int slot) => valueGradients[(row * Width) + slot];

    /// <summary>Σ over the k that a component counts for of ∂L/∂r_k, <c>[inputDims]</c>; for the first component, over all k.</summary>
    public ReadOnlySpan<float> ResidualGradient(int row, int slot) => GroupGradient(row, groupOf[slot]);

    /// <summary>|x' − r_k|² of a row for the k of an index.</summary>
    public double Squares(int row, int kIndex) => squares[(row * ks.Length) + kIndex];

    // z = the strongest latents, strongest first;   r_k = c − x' + Σ_{j < k} z_j D_j: each component is read once, whatever the number of ks
    /// <summary>Codes a row and measures its residuals.</summary>
    /// <param name="row">The row's place in the batch.</param>
    /// <param name="preActivations">a, <c>[latentDims]</c>.</param>
    /// <param name="target">x', <c>[inputDims]</c>.</param>
    /// <param name="decoder">D, <c>[latentDims, inputDims]</c>.</param>
    /// <param name="decoderBias">c, <c>[inputDims]</c>.</param>
    /// <param name="activation">Relu or signed.</param>
    /// <param name="scratch">At least <c>[latents]</c>.</param>
    public void Forward(int row, ReadOnlySpan<float> preActivations, ReadOnlySpan<float> target, NativeMatrix decoder, ReadOnlySpan<float> decoderBias,
        CodeActivation activation, Span<ulong> scratch)
    {
        int first = row * Width;
        int count = active[row] = StrongestLatents.Select(preActivations[..Latents], activation, scratch, latents.AsSpan(first, Width), values.AsSpan(first, Width));
        Span<float> residual = GroupGradient(row, 0);
        TensorPrimitives.Subtract(decoderBias, target, residual);
        int slot = 0;
        for (int group = 0; group < ks.Length; group++)
        {
            if (group > 0)
            {
                Span<float> before = residual;
                residual = GroupGradient(row, group);
                before.CopyTo(residual);
            }
            for (int end = Math.Min(ks[group], count); slot < end; slot++)
                TensorPrimitives.MultiplyAdd(decoder.Row(latents[first + slot]), values[first + slot], residual, residual);
            squares[(row * ks.Length) + group] = TensorPrimitives.SumOfSquares<float>(residual);
        }
    }

    // ∂L/∂r_k = scale_k · r_k;   S_g = Σ_{k from group g on} ∂L/∂r_k;   ∂L/∂z_j = D_j · S_{group of j}
    /// <summary>Turns a row's residuals into gradients.</summary>
    /// <param name="row">The row's place in the batch, after <see cref="Forward"/>.</param>
    /// <param name="scales">∂L/∂r_k over r_k for each k, in the order of <see cref="Ks"/>.</param>
    /// <param name="decoder">D, <c>[latentDims, inputDims]</c>.</param>
    public void Backward(int row, ReadOnlySpan<float> scales, NativeMatrix decoder)
    {
        for (int group = ks.Length - 1; group >= 0; group--)
        {
            Span<float> gradient = GroupGradient(row, group);
            if (group == ks.Length - 1)
                TensorPrimitives.Multiply(gradient, scales[group], gradient);
            else
                TensorPrimitives.MultiplyAdd(gradient, scales[group], GroupGradient(row, group + 1), gradient);
        }
        int first = row * Width;
        for (int slot = 0; slot < active[row]; slot++)
            valueGradients[first + slot] = TensorPrimitives.Dot(decoder.Row(latents[first + slot]), ResidualGradient(row, slot));
    }

    /// <summary>r_k − x' at the largest k, after <see cref="Forward"/>, <c>[inputDims]</c>.</summary>
    public ReadOnlySpan<float> LastResidual(int row) => GroupGradient(row, ks.Length - 1);

    /// <summary>Residuals before <see cref="Backward"/>, summed gradients after it, of one row and one k, <c>[inputDims]</c>.</summary>
    private Span<float> GroupGradient(int row, int group) => residualGradients.AsSpan(((row * ks.Length) + group) * inputDims, inputDims);
}
