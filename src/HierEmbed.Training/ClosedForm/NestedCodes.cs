using System.Numerics;
using System.Numerics.Tensors;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Training.ClosedForm;

/// <summary>
/// The codes of one batch taken inside the first so many latents, read back at several k at once, with the gradients that follow
/// in closed form. Rows are independent of one another: several threads may work on different rows, or on different shares of the columns.
/// </summary>
/// <param name="maxRows">Rows of a batch at most.</param>
/// <param name="latentDims">Latents of the network.</param>
/// <param name="shares">Shares of the columns: each has its own sums over columns, which <see cref="AddShares"/> adds up.</param>
internal sealed class NestedCodes(int maxRows, int latentDims, int shares)
{
    private int[] latents = [];
    private float[] values = [];
    private float[] valueGradients = [];
    private double[] squares = [];
    private int gradients;
    private readonly int[] active = new int[maxRows];
    private int[] groupOf = [];
    private int[] ks = [];

    /// <summary>Latents that codes are taken from: all, or a prefix.</summary>
    public int Latents { get; private set; }

    /// <summary>Components of a row at most: the largest k.</summary>
    public int Width => ks[^1];

    /// <summary>Numbers of active components, ascending.</summary>
    public IReadOnlyList<int> Ks => ks;

    /// <summary>Residuals of a batch: one a row and k.</summary>
    public int Residuals => maxRows * ks.Length;

    /// <summary>The components by latent, once they are sorted.</summary>
    public LatentEntries ByLatent { get; } = new(latentDims);

    /// <summary>Sets what the next batch is coded for. Its memory grows to what was ever wanted, and stays.</summary>
    /// <param name="latentCount">Latents to take codes from.</param>
    /// <param name="wantedKs">Numbers of active components, ascending.</param>
    /// <param name="withGradients">Whether <see cref="Backward"/> is wanted.</param>
    public void Configure(int latentCount, IReadOnlyList<int> wantedKs, bool withGradients)
    {
        Latents = latentCount;
        ks = [.. wantedKs];
        groupOf = [.. Enumerable.Range(0, Width).Select(slot => Array.FindIndex(ks, k => slot < k))];
        if (latents.Length < maxRows * Width)
            (latents, values) = (new int[maxRows * Width], new float[maxRows * Width]);
        gradients = withGradients ? maxRows * Width : 0;
        if (valueGradients.Length < checked(shares * gradients))
            valueGradients = new float[shares * gradients];
        if (squares.Length < checked(shares * Residuals))
            squares = new double[shares * Residuals];
    }

    /// <summary>Active components of a row.</summary>
    public int Active(int row) => active[row];

    /// <summary>Which latents a row's components are, strongest first, <c>[active]</c>.</summary>
    public ReadOnlySpan<int> LatentsOf(int row) => latents.AsSpan(row * Width, active[row]);

    /// <summary>z of a row's components, <c>[active]</c>.</summary>
    public ReadOnlySpan<float> ValuesOf(int row) => values.AsSpan(row * Width, active[row]);

    /// <summary>∂L/∂z of a row's components, after <see cref="AddShares"/>, <c>[active]</c>.</summary>
    public ReadOnlySpan<float> ValueGradientsOf(int row) => valueGradients.AsSpan(row * Width, active[row]);

    /// <summary>The number of the residual whose gradient is S_j = Σ ∂L/∂r_k over the k that a component counts for; for the first component, over all k.</summary>
    public int ResidualOf(int row, int slot) => Residual(row, groupOf[slot]);

    /// <summary>|r_k|² of a row for the k of an index, after <see cref="AddShares"/>.</summary>
    public double Squares(int row, int kIndex) => squares[(row * ks.Length) + kIndex];

    /// <summary>Codes a row: z = its strongest latents, strongest first.</summary>
    /// <param name="row">The row's place in the batch.</param>
    /// <param name="preActivations">a, <c>[latentDims]</c>.</param>
    /// <param name="activation">Relu or signed.</param>
    /// <param name="scratch">At least <c>[latents]</c>.</param>
    public void Select(int row, ReadOnlySpan<float> preActivations, CodeActivation activation, Span<ulong> scratch) =>
        active[row] = StrongestLatents.Select(preActivations[..Latents], activation, scratch, latents.AsSpan(row * Width, Width), values.AsSpan(row * Width, Width));

    /// <summary>Begins a share of the columns.</summary>
    public void ClearShare(int share)
    {
        ShareOf(valueGradients, share, gradients).Clear();
        ShareOf(squares, share, Residuals).Clear();
    }

    // r_k = c − x' + Σ_{j < k} z_j D_j: each component is read once, whatever the number of ks
    /// <summary>Writes some columns of a row's residuals and adds to their squares.</summary>
    /// <param name="row">The row's place in the batch.</param>
    /// <param name="share">Share of the columns that these belong to.</param>
    /// <param name="start">c − x'.</param>
    /// <param name="atoms">D.</param>
    /// <param name="residuals">Receives r, at each residual's number.</param>
    public unsafe void Forward(int row, int share, float* start, ColumnPanel atoms, ColumnPanel residuals)
    {
        for (int group = 0; group < ks.Length; group++)
        {
            float* residual = residuals.Row(Residual(row, group));
            Range components = Components(row, group);
            atoms.Sum(start, LatentsOf(row)[components], ValuesOf(row)[components], residual);
            Vector<float> sum = default;
            for (int i = 0; i < ColumnPanel.Width; i += Vector<float>.Count)
                sum = Vector.FusedMultiplyAdd(Vector.Load(residual + i), Vector.Load(residual + i), sum);
            squares[(share * Residuals) + (row * ks.Length) + group] += Vector.Sum(sum);
            start = residual;
        }
    }

    // ∂L/∂r_k = scale_k · r_k;   S_g = Σ_{k from group g on} ∂L/∂r_k;   ∂L/∂z_j = D_j · S_{group of j}
    /// <summary>Turns some columns of a row's residuals into gradients.</summary>
    /// <param name="row">The row's place in the batch, after <see cref="Forward"/>.</param>
    /// <param name="share">As there.</param>
    /// <param name="scales">∂L/∂r_k over r_k for each k, in the order of <see cref="Ks"/>.</param>
    /// <param name="atoms">As there.</param>
    /// <param name="residuals">r, then S.</param>
    public unsafe void Backward(int row, int share, ReadOnlySpan<float> scales, ColumnPanel atoms, ColumnPanel residuals)
    {
        for (int group = ks.Length - 1; group >= 0; group--)
        {
            float* gradient = residuals.Row(Residual(row, group));
            var scale = new Vector<float>(scales[group]);
            float* after = group == ks.Length - 1 ? null : residuals.Row(Residual(row, group + 1));
            for (int i = 0; i < ColumnPanel.Width; i += Vector<float>.Count)
                Vector.FusedMultiplyAdd(scale, Vector.Load(gradient + i), after is null ? default : Vector.Load(after + i)).Store(gradient + i);
            Range components = Components(row, group);
            atoms.AddProducts(gradient, LatentsOf(row)[components], ShareOf(valueGradients, share, gradients).Slice(row * Width, active[row])[components]);
        }
    }

    /// <summary>Adds up the shares of squares and of ∂L/∂z.</summary>
    public void AddShares()
    {
        for (int share = 1; share < shares; share++)
        {
            TensorPrimitives.Add(ShareOf(valueGradients, 0, gradients), ShareOf(valueGradients, share, gradients), ShareOf(valueGradients, 0, gradients));
            TensorPrimitives.Add(ShareOf(squares, 0, Residuals), ShareOf(squares, share, Residuals), ShareOf(squares, 0, Residuals));
        }
    }

    /// <summary>The number of a row's residual at the largest k.</summary>
    public int LastResidual(int row) => Residual(row, ks.Length - 1);

    private static Span<T> ShareOf<T>(T[] all, int share, int count) => all.AsSpan(share * count, count);

    /// <summary>A row's components between one k and the next.</summary>
    private Range Components(int row, int group) => Math.Min(group == 0 ? 0 : ks[group - 1], active[row])..Math.Min(ks[group], active[row]);

    private int Residual(int row, int group) => (row * ks.Length) + group;
}
