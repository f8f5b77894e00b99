using System.Numerics.Tensors;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Network;

namespace HierEmbed.Training.ClosedForm;

/// <summary>What a step does for a batch's codes some columns at a time: residuals, and all that follows from them.</summary>
/// <remarks>
/// A <see cref="ColumnPanel"/> of D stays in a core's own cache while atoms are summed and multiplied, one of the residuals' gradients while they are gathered by latent.
/// Panels are shared out in so many shares whatever the number of threads, so that it changes no sum: rows of few columns keep few threads at work.
/// </remarks>
/// <param name="parallel">How many threads.</param>
/// <param name="scratches">What they work in.</param>
/// <param name="shares">Shares of the columns, as codes have them.</param>
internal sealed unsafe class PanelPass(ParallelOptions parallel, StepScratch.Pool scratches, int shares)
{
    private const int MostShares = 8;

    /// <summary>Values that all shares of a batch's components may take, 64 MB: the largest batches have one share.</summary>
    private const long MostShareValues = 1 << 24;

    /// <summary>In how many shares the columns of a recipe's rows are worked on.</summary>
    public static int Shares(ResolvedRecipe recipe) =>
        (int)Math.Clamp(MostShareValues / ((long)recipe.Recipe.BatchRows * recipe.Recipe.TrainKs.Max()), 1, Math.Min(MostShares, ColumnPanel.Count(recipe.InputDims)));

    /// <summary>Of the codes' residuals: squares, copies of the largest k's and gradients where they are wanted.</summary>
    /// <param name="x">x', <c>[rows, inputDims]</c>.</param>
    /// <param name="nests">Codes of the rows. Their squares, and with gradients their ∂L/∂z, are complete afterwards.</param>
    /// <param name="parameters">D and c.</param>
    /// <param name="gradients">What to do beyond squares; null: nothing.</param>
    /// <param name="lastResiduals">Receives r at the first codes' largest k, <c>[rows, inputDims]</c>; null: not wanted.</param>
    public void Reconstruct(NativeMatrix x, NestedCodes[] nests, NetworkParameters parameters, Gradients? gradients, float[]? lastResiduals)
    {
        int panels = ColumnPanel.Count(x.Columns);
        Parallel.For(0, shares, parallel, scratches.Rent, (share, _, scratch) =>
        {
            foreach (NestedCodes nest in nests)
                nest.ClearShare(share);
            for (int panel = share * panels / shares; panel < (share + 1) * panels / shares; panel++)
            {
                Columns columns = Columns.Of(panel, x.Columns);
                scratch.Atoms.Load(new NativeMatrix(parameters.Decoder), columns.First);
                LoadStarts(x, NetworkParameters.Values(parameters.DecoderBias), columns, scratch.Rows);
                gradients?.DecoderBias.AsSpan(columns.First, columns.Count).Clear();
                for (int n = 0; n < nests.Length; n++)
                {
                    scratch.Residuals.Reserve(nests[n].Residuals);
                    for (int row = 0; row < x.Rows; row++)
                    {
                        nests[n].Forward(row, share, scratch.Rows.Row(row), scratch.Atoms, scratch.Residuals);
                        if (lastResiduals is not null && n == 0)
                            scratch.Residuals.Copy(nests[n].LastResidual(row), lastResiduals.AsSpan((row * x.Columns) + columns.First, columns.Count));
                        if (gradients is not null)
                            nests[n].Backward(row, share, gradients.Scales[n], scratch.Atoms, scratch.Residuals);
                    }
                    if (gradients is not null)
                        DecoderGradients(nests[n], x.Rows, columns, scratch.Residuals, gradients, isFirst: n == 0);
                }
            }
            return scratch;
        }, scratches.Return);
        foreach (NestedCodes nest in nests)
            nest.AddShares();
    }

    // ∂L/∂W_j = Σ ∂L/∂z_j x', over the rows whose code j is in
    /// <summary>Writes ∂L/∂W.</summary>
    /// <param name="x">x', <c>[rows, inputDims]</c>.</param>
    /// <param name="nests">Codes of the rows, sorted by latent, with ∂L/∂z.</param>
    /// <param name="encoder">Receives <c>[latentDims, inputDims]</c>.</param>
    public void EncoderGradient(NativeMatrix x, NestedCodes[] nests, NativeMatrix encoder) =>
        Parallel.For(0, ColumnPanel.Count(x.Columns), parallel, scratches.Rent, (panel, _, scratch) =>
        {
            Columns columns = Columns.Of(panel, x.Columns);
            scratch.Rows.Load(x, columns.First);
            for (int n = 0; n < nests.Length; n++)
                AddByLatent(scratch.Rows, nests[n].Latents, nests[n].ByLatent.Rows, nests[n].ByLatent.Gradients, encoder, columns, isFirst: n == 0);
            return scratch;
        }, scratches.Return);

    /// <summary>c − x'.</summary>
    private static void LoadStarts(NativeMatrix x, ReadOnlySpan<float> decoderBias, Columns columns, ColumnPanel starts)
    {
        starts.Load(x, columns.First);
        for (int row = 0; row < x.Rows; row++)
        {
            var start = new Span<float>(starts.Row(row), columns.Count);
            TensorPrimitives.Subtract(decoderBias.Slice(columns.First, columns.Count), start, start);
        }
    }

    // ∂L/∂D_j = Σ z_j S_j, over the rows whose code j is in,   ∂L/∂c = Σ Σ_k ∂L/∂r_k, over all rows
    private static void DecoderGradients(NestedCodes nest, int rows, Columns columns, ColumnPanel residuals, Gradients gradients, bool isFirst)
    {
        Span<float> bias = gradients.DecoderBias.AsSpan(columns.First, columns.Count);
        for (int row = 0; row < rows; row++)
            TensorPrimitives.Add(bias, new Span<float>(residuals.Row(nest.ResidualOf(row, 0)), columns.Count), bias);
        AddByLatent(residuals, nest.Latents, nest.ByLatent.Residuals, nest.ByLatent.Values, gradients.Decoder, columns, isFirst);
    }

    private delegate ReadOnlySpan<T> OfLatent<T>(int latent);

    /// <summary>For each latent the sum of a panel's rows: written for the first codes, which are those of all latents, and added for others.</summary>
    private static void AddByLatent(ColumnPanel panel, int latents, OfLatent<int> rows, OfLatent<float> weights, NativeMatrix gradients, Columns columns, bool isFirst)
    {
        float* zeros = stackalloc float[ColumnPanel.Width], edge = stackalloc float[ColumnPanel.Width];
        new Span<float>(zeros, ColumnPanel.Width).Clear();
        bool isWhole = columns.Count == ColumnPanel.Width;
        for (int latent = 0; latent < latents; latent++)
        {
            if (!isFirst && rows(latent).IsEmpty)
                continue;
            float* gradient = gradients.Start(latent) + columns.First, sum = isWhole ? gradient : edge;
            if (!isWhole)
                new Span<float>(gradient, columns.Count).CopyTo(new Span<float>(edge, columns.Count));
            panel.Sum(isFirst ? zeros : sum, rows(latent), weights(latent), sum);
            if (!isWhole)
                new Span<float>(edge, columns.Count).CopyTo(new Span<float>(gradient, columns.Count));
        }
    }

    /// <summary>Columns of a panel.</summary>
    private readonly record struct Columns(int First, int Count)
    {
        public static Columns Of(int panel, int columns) => new(panel * ColumnPanel.Width, Math.Min(ColumnPanel.Width, columns - (panel * ColumnPanel.Width)));
    }

    /// <summary>What becomes of a reconstruction's residuals in a step.</summary>
    /// <param name="Scales">∂L/∂r_k over r_k, for each of the codes and each k.</param>
    /// <param name="Decoder">Receives ∂L/∂D, <c>[latentDims, inputDims]</c>.</param>
    /// <param name="DecoderBias">Receives ∂L/∂c, <c>[inputDims]</c>.</param>
    internal sealed record Gradients(float[][] Scales, NativeMatrix Decoder, float[] DecoderBias);
}
