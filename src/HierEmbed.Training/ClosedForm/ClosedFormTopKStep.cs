using System.Numerics.Tensors;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.ClosedForm;

/// <summary>A step of the TopK autoencoder whose gradients are written out: one matrix product, and work on k latents a row.</summary>
/// <remarks>
/// With a = W x' + b, z the k strongest of a, r_k = D z + c − x' and L = Σ_k w_k |r_k|² / (batchRows · V), codes of the whole
/// network and of each prefix (weight prefixWeight / number of prefixes) alike:
/// ∂L/∂D_j = Σ_rows z_j S_j,  ∂L/∂W_j = Σ_rows (D_j · S_j) x',  ∂L/∂b_j = Σ_rows D_j · S_j,  ∂L/∂c = Σ_rows Σ_k ∂L/∂r_k,
/// with S_j = Σ ∂L/∂r_k over the k that component j counts for. A row, and then a latent, is one thread's work, so the number of threads
/// changes no sum.
/// </remarks>
internal sealed class ClosedFormTopKStep : ITrainingStep
{
    /// <summary>Latents that a thread updates before it looks for others.</summary>
    private const int LatentsPerTask = 64;

    private readonly ResolvedRecipe recipe;
    private readonly double totalVariance;
    private readonly ParallelOptions parallel;
    private readonly LatentEntries entries;
    private readonly EncoderProduct product;
    private readonly StepScratch.Pool scratches;
    private readonly float[] encoderBiasGradient;
    private readonly float[] decoderBiasGradient;
    private readonly ResidualGradients residualGradients;
    private NestedCodes[] nests;

    /// <summary>Takes over the parameters.</summary>
    /// <param name="recipe">What is trained.</param>
    /// <param name="totalVariance">V, total variance of the scaled training rows.</param>
    /// <param name="parameters">Where it starts.</param>
    /// <param name="threads">Threads of one step.</param>
    /// <param name="isPacked">How a = W x' + b is computed: see <see cref="EncoderProduct"/>.</param>
    public ClosedFormTopKStep(ResolvedRecipe recipe, double totalVariance, NetworkParameters parameters, int threads, bool isPacked)
    {
        this.recipe = recipe;
        this.totalVariance = totalVariance;
        Parameters = parameters;
        Adam = new AdamState(recipe);
        parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        entries = new LatentEntries(recipe.LatentDims);
        product = new EncoderProduct(parameters, isPacked);
        scratches = new StepScratch.Pool(Math.Min(EncoderProduct.MostBlockRows, PackedMatrix.WholeTiles(recipe.Recipe.BatchRows)), recipe.LatentDims, recipe.InputDims);
        encoderBiasGradient = new float[recipe.LatentDims];
        decoderBiasGradient = new float[recipe.InputDims];
        residualGradients = new ResidualGradients(recipe.InputDims);
        nests = [new NestedCodes(recipe.Recipe.BatchRows, residualGradients)];
    }

    public NetworkParameters Parameters { get; }

    public AdamState Adam { get; }

    /// <summary>Time that all threads together have spent in a = W x' + b.</summary>
    internal TimeSpan ProductTime => product.Elapsed;

    public double Step(Tensor rows, StepPlan plan, long[] latentUses)
    {
        int count = (int)rows.shape[0];
        Forward(rows, recipe.Recipe.TrainKs, plan.Prefixes, withGradients: true);
        double loss = Loss(count);
        if (!double.IsFinite(loss))
            return loss;
        SumGradients(count);
        CountUses(latentUses);
        Update(rows, new AdamUpdate(recipe.Recipe, plan.LearningRate, plan.Step));
        return loss;
    }

    public BatchGradients ComputeGradients(Tensor rows, IReadOnlyList<int> prefixes, long[]? latentUses = null)
    {
        int count = (int)rows.shape[0];
        Forward(rows, recipe.Recipe.TrainKs, prefixes, withGradients: true);
        SumGradients(count);
        if (latentUses is not null)
            CountUses(latentUses);
        NetworkParameters gradients = NetworkParameters.Zeros(recipe);
        var (w, d, x) = (new NativeMatrix(gradients.Encoder), new NativeMatrix(gradients.Decoder), new NativeMatrix(rows));
        for (int latent = 0; latent < recipe.LatentDims; latent++)
            encoderBiasGradient[latent] = LatentGradient(latent, x, w.Row(latent), d.Row(latent));
        encoderBiasGradient.CopyTo(NetworkParameters.Values(gradients.EncoderBias));
        decoderBiasGradient.CopyTo(NetworkParameters.Values(gradients.DecoderBias));
        return new BatchGradients(Loss(count), gradients.All);
    }

    public BatchFigures Evaluate(Tensor rows, IReadOnlyList<int> prefixes, IReadOnlyList<int>? ks = null, long[]? latentUses = null, float[]? residuals = null)
    {
        int count = (int)rows.shape[0];
        Forward(rows, ks ?? recipe.Recipe.TrainKs, prefixes, withGradients: false);
        NestedCodes whole = nests[0];
        var squares = new double[whole.Ks.Count];
        var active = new long[whole.Ks.Count];
        for (int row = 0; row < count; row++)
        {
            for (int i = 0; i < squares.Length; i++)
            {
                squares[i] += whole.Squares(row, i);
                active[i] += Math.Min(whole.Active(row), whole.Ks[i]);
            }
            foreach (int latent in latentUses is null ? [] : whole.LatentsOf(row))
                latentUses![latent]++;
            if (residuals is not null)
                whole.LastResidual(row).CopyTo(residuals.AsSpan(row * recipe.InputDims));
        }
        return new BatchFigures(Loss(count), squares, active);
    }

    public void Dispose()
    {
        residualGradients.Dispose();
        scratches.Dispose();
        product.Dispose();
        Parameters.Dispose();
        Adam.Dispose();
    }

    /// <summary>∂L/∂|r_k|² for each k of a code: w_k over rows and V, times 1 for the whole network, prefixWeight over their number for each prefix.</summary>
    private double[] Weights(int nest, int rows)
    {
        double scale = (nest == 0 ? 1 : recipe.Recipe.PrefixWeight / (nests.Length - 1)) / (rows * totalVariance);
        return [.. recipe.Recipe.KWeights(nests[nest].Ks).Select(w => w * scale)];
    }

    private void Forward(Tensor rows, IReadOnlyList<int> ks, IReadOnlyList<int> prefixes, bool withGradients)
    {
        int count = (int)rows.shape[0];
        ResizeNests(prefixes.Count + 1);
        int residualRows = 0;
        for (int n = 0; n < nests.Length; n++)
        {
            nests[n].Configure(n == 0 ? recipe.LatentDims : prefixes[n - 1], n == 0 ? ks : KsInside(prefixes[n - 1], ks), residualRows);
            residualRows += nests[n].ResidualRows;
        }
        residualGradients.Reserve(residualRows);
        product.Prepare(parallel);
        float[][] scales = withGradients ? [.. Enumerable.Range(0, nests.Length).Select(n => Array.ConvertAll(Weights(n, count), w => (float)(2 * w)))] : [];
        int blockRows = product.BlockRows(count, parallel.MaxDegreeOfParallelism);
        Parallel.For(0, (count + blockRows - 1) / blockRows, parallel, scratches.Rent, (block, _, scratch) =>
        {
            ForwardRows(rows, block * blockRows, Math.Min(blockRows, count - (block * blockRows)), scales, scratch);
            return scratch;
        }, scratches.Return);
    }

    private void ResizeNests(int count)
    {
        if (nests.Length != count)
            nests = [.. Enumerable.Range(0, count).Select(i => i < nests.Length ? nests[i] : new NestedCodes(recipe.Recipe.BatchRows, residualGradients))];
    }

    /// <summary>min(k, p / 2), at least 1, each once: a prefix is never asked for more than half of its latents.</summary>
    private static IReadOnlyList<int> KsInside(int prefix, IReadOnlyList<int> ks) => [.. ks.Select(k => Math.Max(1, Math.Min(k, prefix / 2))).Distinct()];

    private void ForwardRows(Tensor rows, int first, int count, float[][] scales, StepScratch scratch)
    {
        product.Multiply(rows, first, count, scratch); // a = W x' + b, [count, latentDims]
        var (a, x, d) = (new NativeMatrix(scratch.PreActivations), new NativeMatrix(rows), new NativeMatrix(Parameters.Decoder));
        ReadOnlySpan<float> decoderBias = NetworkParameters.Values(Parameters.DecoderBias);
        for (int n = 0; n < nests.Length; n++) // One after the other: a prefix' atoms stay in cache.
        {
            for (int i = 0; i < count; i++)
            {
                nests[n].Forward(first + i, a.Row(i), x.Row(first + i), d, decoderBias, recipe.Recipe.Activation, scratch.Selection);
                if (scales.Length > 0)
                    nests[n].Backward(first + i, scales[n], d);
            }
        }
    }

    private double Loss(int rows)
    {
        double loss = 0;
        for (int n = 0; n < nests.Length; n++)
        {
            double[] weights = Weights(n, rows);
            for (int i = 0; i < weights.Length; i++)
            {
                double squares = 0;
                for (int row = 0; row < rows; row++)
                    squares += nests[n].Squares(row, i);
                loss += squares * weights[i];
            }
        }
        return loss;
    }

    private void CountUses(long[] latentUses)
    {
        for (int latent = 0; latent < latentUses.Length; latent++)
            latentUses[latent] += entries.Count(latent);
    }

    /// <summary>Sorts the components by latent and sums ∂L/∂c.</summary>
    private void SumGradients(int rows)
    {
        entries.Sort(nests, rows);
        Array.Clear(decoderBiasGradient);
        foreach (NestedCodes nest in nests)
        {
            for (int row = 0; row < rows; row++)
                TensorPrimitives.Add(decoderBiasGradient, residualGradients.Rows.Row(nest.ResidualGradient(row, 0)), decoderBiasGradient);
        }
    }

    // ∂L/∂D_j = Σ z_j S_j,   ∂L/∂W_j = Σ ∂L/∂z_j x',   ∂L/∂b_j = Σ ∂L/∂z_j, over the rows whose code j is in
    /// <summary>Gradients of one latent: writes ∂L/∂W_j and ∂L/∂D_j, <c>[inputDims]</c> each, returns ∂L/∂b_j.</summary>
    private float LatentGradient(int latent, NativeMatrix rows, Span<float> encoder, Span<float> atom)
    {
        atom.Clear();
        WeightedRows.Add(atom, residualGradients.Rows, entries.Residuals(latent), entries.Values(latent));
        encoder.Clear();
        WeightedRows.Add(encoder, rows, entries.Rows(latent), entries.Gradients(latent));
        return TensorPrimitives.Sum(entries.Gradients(latent));
    }

    private void Update(Tensor rows, AdamUpdate adam)
    {
        var x = new NativeMatrix(rows);
        var (w, wm, wv) = (new NativeMatrix(Parameters.Encoder), new NativeMatrix(Adam.First.Encoder), new NativeMatrix(Adam.Second.Encoder));
        var (d, dm, dv) = (new NativeMatrix(Parameters.Decoder), new NativeMatrix(Adam.First.Decoder), new NativeMatrix(Adam.Second.Decoder));
        Parallel.For(0, (recipe.LatentDims + LatentsPerTask - 1) / LatentsPerTask, parallel, scratches.Rent, (task, _, scratch) =>
        {
            var gradients = new NativeMatrix(scratch.Gradients);
            Span<float> encoder = gradients.Row(0), atom = gradients.Row(1);
            for (int latent = task * LatentsPerTask; latent < Math.Min(recipe.LatentDims, (task + 1) * LatentsPerTask); latent++)
            {
                encoderBiasGradient[latent] = LatentGradient(latent, x, encoder, atom);
                // g_j ← g_j − (g_j · D_j) D_j: the part along the atom would only be undone by the renormalization, and Adam would remember it.
                TensorPrimitives.MultiplyAdd(d.Row(latent), -TensorPrimitives.Dot<float>(atom, d.Row(latent)), atom, atom);
                adam.Apply(w.Row(latent), wm.Row(latent), wv.Row(latent), encoder);
                adam.Apply(d.Row(latent), dm.Row(latent), dv.Row(latent), atom);
                // D_j ← D_j / ‖D_j‖
                TensorPrimitives.Divide(d.Row(latent), TensorPrimitives.Norm<float>(d.Row(latent)), d.Row(latent));
            }
            return scratch;
        }, scratches.Return);
        adam.Apply(Values(Parameters.EncoderBias), Values(Adam.First.EncoderBias), Values(Adam.Second.EncoderBias), encoderBiasGradient);
        adam.Apply(Values(Parameters.DecoderBias), Values(Adam.First.DecoderBias), Values(Adam.Second.DecoderBias), decoderBiasGradient);
    }

    private static Span<float> Values(Tensor tensor) => NetworkParameters.Values(tensor);
}
