using System.Numerics.Tensors;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.ClosedForm;

/// <summary>A step of the TopK autoencoder whose gradients are written out: one matrix product in Torch, and work on k latents a row in C#.</summary>
/// <remarks>
/// With a = W x' + b, z the k strongest of a, r_k = D z + c − x' and L = Σ_k w_k |r_k|² / (batchRows · V), codes of the whole
/// network and of each prefix (weight prefixWeight / number of prefixes) alike:
/// ∂L/∂D_j = Σ_rows z_j S_j,  ∂L/∂W_j = Σ_rows (D_j · S_j) x',  ∂L/∂b_j = Σ_rows D_j · S_j,  ∂L/∂c = Σ_rows Σ_k ∂L/∂r_k,
/// with S_j = Σ ∂L/∂r_k over the k that component j counts for. A row, and then a latent, is one thread's work, so the number of threads
/// changes no sum but those inside Torch's product.
/// </remarks>
internal sealed class ClosedFormTopKStep : ITrainingStep
{
    private const int LatentsPerTask = 32;

    private readonly ResolvedRecipe recipe;
    private readonly double totalVariance;
    private readonly ParallelOptions parallel;
    private readonly LatentEntries entries;
    private readonly Tensor encoderColumns;
    private readonly float[] encoderBiasGradient;
    private readonly float[] decoderBiasGradient;
    private NestedCodes[] nests;

    /// <summary>Takes over the parameters.</summary>
    /// <param name="recipe">What is trained.</param>
    /// <param name="totalVariance">V, total variance of the scaled training rows.</param>
    /// <param name="parameters">Where it starts.</param>
    /// <param name="threads">Threads of one step.</param>
    public ClosedFormTopKStep(ResolvedRecipe recipe, double totalVariance, NetworkParameters parameters, int threads)
    {
        this.recipe = recipe;
        this.totalVariance = totalVariance;
        Parameters = parameters;
        Adam = new AdamState(recipe);
        parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        entries = new LatentEntries(recipe.LatentDims);
        encoderColumns = parameters.Encoder.t().DetachFromDisposeScope();
        encoderBiasGradient = new float[recipe.LatentDims];
        decoderBiasGradient = new float[recipe.InputDims];
        nests = [new NestedCodes(recipe.Recipe.BatchRows, recipe.InputDims)];
    }

    public NetworkParameters Parameters { get; }

    public AdamState Adam { get; }

    public double Step(Tensor rows, StepPlan plan, long[] latentUses)
    {
        int count = (int)rows.shape[0];
        Forward(rows, recipe.Recipe.TrainKs, plan.Prefixes, withGradients: true);
        double loss = Loss(count);
        if (!double.IsFinite(loss))
            return loss;
        CountUses(count, latentUses);
        SumGradients(count);
        Update(rows, new AdamUpdate(recipe.Recipe, plan.LearningRate, plan.Step));
        return loss;
    }

    public BatchGradients ComputeGradients(Tensor rows, IReadOnlyList<int> prefixes, long[]? latentUses = null)
    {
        int count = (int)rows.shape[0];
        Forward(rows, recipe.Recipe.TrainKs, prefixes, withGradients: true);
        if (latentUses is not null)
            CountUses(count, latentUses);
        SumGradients(count);
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
            for (int slot = 0; latentUses is not null && slot < whole.Active(row); slot++)
                latentUses[whole.Latent(row, slot)]++;
            if (residuals is not null)
                whole.LastResidual(row).CopyTo(residuals.AsSpan(row * recipe.InputDims));
        }
        return new BatchFigures(Loss(count), squares, active);
    }

    public void Dispose()
    {
        encoderColumns.Dispose();
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
        if (nests.Length != prefixes.Count + 1)
            nests = [.. Enumerable.Range(0, prefixes.Count + 1).Select(i => i < nests.Length ? nests[i] : new NestedCodes(recipe.Recipe.BatchRows, recipe.InputDims))];
        nests[0].Configure(recipe.LatentDims, ks);
        for (int i = 0; i < prefixes.Count; i++)
            nests[i + 1].Configure(prefixes[i], KsInside(prefixes[i], ks));

        int share = (count + parallel.MaxDegreeOfParallelism - 1) / parallel.MaxDegreeOfParallelism;
        Parallel.For(0, (count + share - 1) / share, parallel, part => ForwardRows(rows, part * share, Math.Min(share, count - (part * share)), withGradients));
    }

    /// <summary>min(k, p / 2), at least 1, each once: a prefix is never asked for more than half of its latents.</summary>
    private static IReadOnlyList<int> KsInside(int prefix, IReadOnlyList<int> ks) => [.. ks.Select(k => Math.Max(1, Math.Min(k, prefix / 2))).Distinct()];

    private void ForwardRows(Tensor rows, int first, int count, bool withGradients)
    {
        using var scope = NewDisposeScope();
        Tensor product = Products.Multiply(rows.narrow(0, first, count), encoderColumns); // W x', [count, latentDims]
        var (a, x, d) = (new NativeMatrix(product), new NativeMatrix(rows), new NativeMatrix(Parameters.Decoder));
        ReadOnlySpan<float> encoderBias = NetworkParameters.Values(Parameters.EncoderBias), decoderBias = NetworkParameters.Values(Parameters.DecoderBias);
        var scratch = new ulong[recipe.LatentDims + 1];
        float[][] scales = [.. Enumerable.Range(0, nests.Length).Select(n => Array.ConvertAll(Weights(n, (int)rows.shape[0]), w => (float)(2 * w)))];
        for (int i = 0; i < count; i++)
        {
            TensorPrimitives.Add(a.Row(i), encoderBias, a.Row(i));
            for (int n = 0; n < nests.Length; n++)
            {
                nests[n].Forward(first + i, a.Row(i), x.Row(first + i), d, decoderBias, recipe.Recipe.Activation, scratch);
                if (withGradients)
                    nests[n].Backward(first + i, scales[n], d);
            }
        }
        GC.KeepAlive(product);
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

    private void CountUses(int rows, long[] latentUses)
    {
        foreach (NestedCodes nest in nests)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int slot = 0; slot < nest.Active(row); slot++)
                    latentUses[nest.Latent(row, slot)]++;
            }
        }
    }

    /// <summary>Sorts the components by latent and sums ∂L/∂c.</summary>
    private void SumGradients(int rows)
    {
        entries.Sort(nests, rows);
        Array.Clear(decoderBiasGradient);
        foreach (NestedCodes nest in nests)
        {
            for (int row = 0; row < rows; row++)
                TensorPrimitives.Add(decoderBiasGradient, nest.ResidualGradient(row, 0), decoderBiasGradient);
        }
    }

    /// <summary>Gradients of one latent: writes ∂L/∂W_j and ∂L/∂D_j, <c>[inputDims]</c> each, returns ∂L/∂b_j.</summary>
    private float LatentGradient(int latent, NativeMatrix rows, Span<float> encoder, Span<float> atom)
    {
        encoder.Clear();
        atom.Clear();
        float bias = 0;
        foreach (LatentEntries.Entry entry in entries.Of(latent))
        {
            NestedCodes nest = nests[entry.Nest];
            float gradient = nest.ValueGradient(entry.Row, entry.Slot);
            TensorPrimitives.MultiplyAdd(nest.ResidualGradient(entry.Row, entry.Slot), nest.Value(entry.Row, entry.Slot), atom, atom);
            TensorPrimitives.MultiplyAdd(rows.Row(entry.Row), gradient, encoder, encoder);
            bias += gradient;
        }
        return bias;
    }

    private void Update(Tensor rows, AdamUpdate adam)
    {
        var x = new NativeMatrix(rows);
        var (w, wm, wv) = (new NativeMatrix(Parameters.Encoder), new NativeMatrix(Adam.First.Encoder), new NativeMatrix(Adam.Second.Encoder));
        var (d, dm, dv) = (new NativeMatrix(Parameters.Decoder), new NativeMatrix(Adam.First.Decoder), new NativeMatrix(Adam.Second.Decoder));
        Parallel.For(0, (recipe.LatentDims + LatentsPerTask - 1) / LatentsPerTask, parallel, task =>
        {
            Span<float> encoder = new float[recipe.InputDims], atom = new float[recipe.InputDims];
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
        });
        adam.Apply(Values(Parameters.EncoderBias), Values(Adam.First.EncoderBias), Values(Adam.Second.EncoderBias), encoderBiasGradient);
        adam.Apply(Values(Parameters.DecoderBias), Values(Adam.First.DecoderBias), Values(Adam.Second.DecoderBias), decoderBiasGradient);
    }

    private static Span<float> Values(Tensor tensor) => NetworkParameters.Values(tensor);
}
