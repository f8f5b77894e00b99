using System.Numerics.Tensors;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Training.ClosedForm;

/// <summary>
/// The codes of one batch taken inside the first so many latents, read back at several k at once, with the gradients that follow
/// in closed form. Rows are independent of one another: several threads may work on different rows.
/// </summary>
/// <param name="maxRows">Rows of a batch at most.</param>
/// <param name="residuals">Where residuals and their gradients stand.</param>
internal sealed class NestedCodes(int maxRows, ResidualGradients residuals)
{
    private int[] latents = [];
    private float[] values = [];
    private float[] valueGradients = [];
    private double[] squares = [];
    private readonly int[] active = new int[maxRows];
    private int[] groupOf = [];
    private int[] ks = [];
    private int firstResidual;

    /// <summary>Latents that codes are taken from: all, or a prefix.</summary>
    public int Latents { get; private set; }

    /// <summary>Components of a row at most: the largest k.</summary>
    public int Width => ks[^1];

    /// <summary>Numbers of active components, ascending.</summary>
    public IReadOnlyList<int> Ks => ks;

    /// <summary>Rows of <see cref="ResidualGradients"/> that a batch takes.</summary>
    public int ResidualRows => maxRows * ks.Length;

    /// <summary>Sets what the next batch is coded for. Its memory grows to what was ever wanted, and stays.</summary>
    /// <param name="latentCount">Latents to take codes from.</param>
    /// <param name="wantedKs">Numbers of active components, ascending.</param>
    /// <param name="residualsFrom">The first of its <see cref="ResidualRows"/>.</param>
    public void Configure(int latentCount, IReadOnlyList<int> wantedKs, int residualsFrom)
    {
        (Latents, firstResidual) = (latentCount, residualsFrom);
        if (ks.AsSpan().SequenceEqual(wantedKs.ToArray()))
            return;
        ks = [.. wantedKs];
        groupOf = [.. Enumerable.Range(0, Width).Select(slot => Array.FindIndex(ks, k => slot < k))];
        if (latents.Length < maxRows * Width)
            (latents, values, valueGradients) = (new int[maxRows * Width], new float[maxRows * Width], new float[maxRows * Width]);
        if (squares.Length < maxRows * ks.Length)
            squares = new double[maxRows * ks.Length];
    }

    /// <summary>Active components of a row.</summary>
    public int Active(int row) => active[row];

    /// <summary>Which latents a row's components are, strongest first, <c>[active]</c>.</summary>
    public ReadOnlySpan<int> LatentsOf(int row) => latents.AsSpan(row * Width, active[row]);

    /// <summary>z of a row's components, <c>[active]</c>.</summary>
    public ReadOnlySpan<float> ValuesOf(int row) => values.AsSpan(row * Width, active[row]);

    /// <summary>∂L/∂z of a row's components, after <see cref="Backward"/>, <c>[active]</c>.</summary>
    public ReadOnlySpan<float> ValueGradientsOf(int row) => valueGradients.AsSpan(row * Width, active[row]);

    /// <summary>Which row of <see cref="ResidualGradients"/> is S_j = Σ ∂L/∂r_k over the k that a component counts for; for the first component, over all k.</summary>
    public int ResidualGradient(int row, int slot) => ResidualRow(row, groupOf[slot]);

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
        active[row] = StrongestLatents.Select(preActivations[..Latents], activation, scratch, latents.AsSpan(first, Width), values.AsSpan(first, Width));
        Span<float> residual = GroupGradient(row, 0);
        TensorPrimitives.Subtract(decoderBias, target, residual);
        for (int group = 0; group < ks.Length; group++)
        {
            if (group > 0)
            {
                Span<float> before = residual;
                residual = GroupGradient(row, group);
                before.CopyTo(residual);
            }
            Range components = Components(row, group);
            WeightedRows.Add(residual, decoder, LatentsOf(row)[components], ValuesOf(row)[components]);
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
            Range components = Components(row, group);
            WeightedRows.Dot(gradient, decoder, LatentsOf(row)[components], valueGradients.AsSpan(row * Width, active[row])[components]);
        }
    }

    /// <summary>r_k − x' at the largest k, after <see cref="Forward"/>, <c>[inputDims]</c>.</summary>
    public ReadOnlySpan<float> LastResidual(int row) => GroupGradient(row, ks.Length - 1);

    /// <summary>A row's components between one k and the next.</summary>
    private Range Components(int row, int group) => Math.Min(group == 0 ? 0 : ks[group - 1], active[row])..Math.Min(ks[group], active[row]);

    private int ResidualRow(int row, int group) => firstResidual + (row * ks.Length) + group;

    /// <summary>Residuals before <see cref="Backward"/>, summed gradients after it, of one row and one k, <c>[inputDims]</c>.</summary>
    private Span<float> GroupGradient(int row, int group) => residuals.Rows.Row(ResidualRow(row, group));
}
