using System.Numerics.Tensors;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.ClosedForm;

/// <summary>A step of the TopK autoencoder whose gradients are written out: one matrix product, and work on k latents a row.</summary>
/// <remarks>
/// With a = W x' + b, z the k strongest of a, r_k = D z + c − x' and L = Σ_k w_k |r_k|² / (batchRows · V), codes of the whole
/// network and of each prefix (weight prefixWeight / number of prefixes) alike:
/// ∂L/∂D_j = Σ_rows z_j S_j,  ∂L/∂W_j = Σ_rows (D_j · S_j) x',  ∂L/∂b_j = Σ_rows D_j · S_j,  ∂L/∂c = Σ_rows Σ_k ∂L/∂r_k,
/// with S_j = Σ ∂L/∂r_k over the k that component j counts for. A row is coded, some columns are read back and a latent is updated by one thread,
/// and what is summed over columns is summed in the same order whatever the number of threads, so that it changes no sum.
/// </remarks>
internal sealed class ClosedFormTopKStep : ITrainingStep
{
    /// <summary>Latents that a thread updates before it looks for others.</summary>
    private const int LatentsPerTask = 64;

    private readonly ResolvedRecipe recipe;
    private readonly double totalVariance;
    private readonly ParallelOptions parallel;
    private readonly EncoderProduct product;
    private readonly StepScratch.Pool scratches;
    private readonly float[] encoderBiasGradient;
    private readonly float[] decoderBiasGradient;
    private readonly int shares;
    private readonly PanelPass panels;
    private readonly Tensor latentGradients; // ∂L/∂D and then ∂L/∂W, [latentDims, inputDims]: half of the memory that both would take.
    private readonly List<NestedCodes> everyNest = [];
    private NestedCodes[] nests = [];

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
        product = new EncoderProduct(parameters, isPacked);
        scratches = new StepScratch.Pool(Math.Min(EncoderProduct.MostBlockRows, PackedMatrix.WholeTiles(recipe.Recipe.BatchRows)), recipe.LatentDims, recipe.InputDims);
        encoderBiasGradient = new float[recipe.LatentDims];
        decoderBiasGradient = new float[recipe.InputDims];
        shares = PanelPass.Shares(recipe);
        panels = new PanelPass(parallel, scratches, shares);
        latentGradients = empty(recipe.LatentDims, recipe.InputDims).DetachFromDisposeScope();
    }

    public NetworkParameters Parameters { get; }

    public AdamState Adam { get; }

    /// <summary>Time that all threads together have spent in a = W x' + b.</summary>
    internal TimeSpan ProductTime => product.Elapsed;

    public double Step(Tensor rows, StepPlan plan, long[] latentUses)
    {
        int count = (int)rows.shape[0];
        var (x, gradients) = (new NativeMatrix(rows), new NativeMatrix(latentGradients));
        Forward(rows, recipe.Recipe.TrainKs, plan.Prefixes, decoderGradient: gradients);
        double loss = Loss(count);
        if (!double.IsFinite(loss))
            return loss;
        CountUses(latentUses);
        var adam = new AdamUpdate(recipe.Recipe, plan.LearningRate, plan.Step);
        UpdateDecoder(gradients, adam);
        EncoderGradients(x, gradients);
        UpdateEncoder(gradients, adam);
        return loss;
    }

    public BatchGradients ComputeGradients(Tensor rows, IReadOnlyList<int> prefixes, long[]? latentUses = null)
    {
        NetworkParameters gradients = NetworkParameters.Zeros(recipe);
        Forward(rows, recipe.Recipe.TrainKs, prefixes, decoderGradient: new NativeMatrix(gradients.Decoder));
        if (latentUses is not null)
            CountUses(latentUses);
        EncoderGradients(new NativeMatrix(rows), new NativeMatrix(gradients.Encoder));
        encoderBiasGradient.CopyTo(Values(gradients.EncoderBias));
        decoderBiasGradient.CopyTo(Values(gradients.DecoderBias));
        return new BatchGradients(Loss((int)rows.shape[0]), gradients.All);
    }

    public BatchFigures Evaluate(Tensor rows, IReadOnlyList<int> prefixes, IReadOnlyList<int>? ks = null, long[]? latentUses = null, float[]? residuals = null)
    {
        int count = (int)rows.shape[0];
        Forward(rows, ks ?? recipe.Recipe.TrainKs, prefixes, residuals: residuals);
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
        }
        return new BatchFigures(Loss(count), squares, active);
    }

    public void Dispose()
    {
        latentGradients.Dispose();
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

    /// <summary>Codes a batch, reads the codes back, and where decoderGradient is given computes ∂L/∂D, ∂L/∂c and ∂L/∂z.</summary>
    private void Forward(Tensor rows, IReadOnlyList<int> ks, IReadOnlyList<int> prefixes, NativeMatrix? decoderGradient = null, float[]? residuals = null)
    {
        int count = (int)rows.shape[0];
        ResizeNests(prefixes.Count + 1);
        for (int n = 0; n < nests.Length; n++)
            nests[n].Configure(n == 0 ? recipe.LatentDims : prefixes[n - 1], n == 0 ? ks : KsInside(prefixes[n - 1], ks), decoderGradient is not null);
        product.Prepare(parallel);
        int blockRows = product.BlockRows(count, parallel.MaxDegreeOfParallelism);
        Parallel.For(0, (count + blockRows - 1) / blockRows, parallel, scratches.Rent, (block, _, scratch) =>
        {
            Encode(rows, block * blockRows, Math.Min(blockRows, count - (block * blockRows)), scratch);
            return scratch;
        }, scratches.Return);
        PanelPass.Gradients? gradients = null;
        if (decoderGradient is not null)
        {
            foreach (NestedCodes nest in nests)
                nest.ByLatent.Sort(nest, count);
            float[][] scales = [.. Enumerable.Range(0, nests.Length).Select(n => Array.ConvertAll(Weights(n, count), w => (float)(2 * w)))];
            gradients = new PanelPass.Gradients(scales, decoderGradient.Value, decoderBiasGradient);
        }
        panels.Reconstruct(new NativeMatrix(rows), nests, Parameters, gradients, residuals);
    }

    /// <summary>Those that are not used now stay, with their memory: a validation has more of them than a step.</summary>
    private void ResizeNests(int count)
    {
        while (everyNest.Count < count)
            everyNest.Add(new NestedCodes(recipe.Recipe.BatchRows, recipe.LatentDims, shares));
        if (nests.Length != count)
            nests = [.. everyNest.Take(count)];
    }

    /// <summary>min(k, p / 2), at least 1, each once: a prefix is never asked for more than half of its latents.</summary>
    private static IReadOnlyList<int> KsInside(int prefix, IReadOnlyList<int> ks) => [.. ks.Select(k => Math.Max(1, Math.Min(k, prefix / 2))).Distinct()];

    private void Encode(Tensor rows, int first, int count, StepScratch scratch)
    {
        product.Multiply(rows, first, count, scratch); // a = W x' + b, [count, latentDims]
        var a = new NativeMatrix(scratch.PreActivations);
        for (int i = 0; i < count; i++)
        {
            foreach (NestedCodes nest in nests)
                nest.Select(first + i, a.Row(i), recipe.Recipe.Activation, scratch.Selection);
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
        foreach (NestedCodes nest in nests)
        {
            for (int latent = 0; latent < latentUses.Length; latent++)
                latentUses[latent] += nest.ByLatent.Count(latent);
        }
    }

    // ∂L/∂W_j = Σ ∂L/∂z_j x',   ∂L/∂b_j = Σ ∂L/∂z_j, over the rows whose code j is in
    private void EncoderGradients(NativeMatrix x, NativeMatrix encoder)
    {
        Array.Clear(encoderBiasGradient);
        foreach (NestedCodes nest in nests)
        {
            nest.ByLatent.TakeGradients(nest, x.Rows);
            for (int latent = 0; latent < recipe.LatentDims; latent++)
                encoderBiasGradient[latent] += TensorPrimitives.Sum(nest.ByLatent.Gradients(latent));
        }
        panels.EncoderGradient(x, nests, encoder);
    }

    private void UpdateDecoder(NativeMatrix gradients, AdamUpdate adam)
    {
        var (d, m, v) = (new NativeMatrix(Parameters.Decoder), new NativeMatrix(Adam.First.Decoder), new NativeMatrix(Adam.Second.Decoder));
        ForEachLatent(latent =>
        {
            Span<float> atom = d.Row(latent), gradient = gradients.Row(latent);
            // g_j ← g_j − (g_j · D_j) D_j: the part along the atom would only be undone by the renormalization, and Adam would remember it.
            TensorPrimitives.MultiplyAdd(atom, -TensorPrimitives.Dot<float>(gradient, atom), gradient, gradient);
            adam.Apply(atom, m.Row(latent), v.Row(latent), gradient);
            // D_j ← D_j / ‖D_j‖
            TensorPrimitives.Divide(atom, TensorPrimitives.Norm<float>(atom), atom);
        });
        adam.Apply(Values(Parameters.DecoderBias), Values(Adam.First.DecoderBias), Values(Adam.Second.DecoderBias), decoderBiasGradient);
    }

    private void UpdateEncoder(NativeMatrix gradients, AdamUpdate adam)
    {
        var (w, m, v) = (new NativeMatrix(Parameters.Encoder), new NativeMatrix(Adam.First.Encoder), new NativeMatrix(Adam.Second.Encoder));
        ForEachLatent(latent => adam.Apply(w.Row(latent), m.Row(latent), v.Row(latent), gradients.Row(latent)));
        adam.Apply(Values(Parameters.EncoderBias), Values(Adam.First.EncoderBias), Values(Adam.Second.EncoderBias), encoderBiasGradient);
    }

    private void ForEachLatent(Action<int> update) => Parallel.For(0, (recipe.LatentDims + LatentsPerTask - 1) / LatentsPerTask, parallel, task =>
    {
        for (int latent = task * LatentsPerTask; latent < Math.Min(recipe.LatentDims, (task + 1) * LatentsPerTask); latent++)
            update(latent);
    });

    private static Span<float> Values(Tensor tensor) => NetworkParameters.Values(tensor);
}
