using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.ClosedForm;

/// <summary>A step of the notebook's network whose gradients are written out: matrix products in Torch, the rest in C#.</summary>
/// <remarks>
/// With z = ReLU(W x' + b), o = σ(D z + c), e = o − x' and L = Σ_s w_s mse_s(e) + λ Σ z over nested slices s of the n_s first outputs:
/// u = ∂L/∂(D z + c) = e · o (1 − o) · Σ_{s: i &lt; n_s} 2 w_s / (batchRows n_s),  ∂L/∂D = zᵀ u,  ∂L/∂c = Σ u,
/// v = (u Dᵀ + λ) · [z &gt; 0],  ∂L/∂W = vᵀ x',  ∂L/∂b = Σ v.
/// </remarks>
internal sealed class ClosedFormSigmoidStep : ITrainingStep
{
    private static readonly double[] SliceWeights = [1, 0.5, 0.25];

    private readonly ResolvedRecipe recipe;
    private readonly float penalty;
    private readonly Tensor encoderColumns, decoderColumns;

    /// <summary>Takes over the parameters.</summary>
    public ClosedFormSigmoidStep(ResolvedRecipe recipe, NetworkParameters parameters)
    {
        this.recipe = recipe;
        penalty = (float)recipe.Recipe.ActivityPenalty;
        Parameters = parameters;
        Adam = new AdamState(recipe);
        encoderColumns = parameters.Encoder.t().DetachFromDisposeScope();
        decoderColumns = parameters.Decoder.t().DetachFromDisposeScope();
    }

    public NetworkParameters Parameters { get; }

    public AdamState Adam { get; }

    public double Step(Tensor rows, StepPlan plan, long[] latentUses)
    {
        using BatchGradients gradients = ComputeGradients(rows, plan.Prefixes, latentUses);
        if (!double.IsFinite(gradients.Loss))
            return gradients.Loss;
        var adam = new AdamUpdate(recipe.Recipe, plan.LearningRate, plan.Step);
        for (int i = 0; i < gradients.Values.Count; i++)
        {
            adam.Apply(NetworkParameters.Values(Parameters.All[i]), NetworkParameters.Values(Adam.First.All[i]), NetworkParameters.Values(Adam.Second.All[i]),
                NetworkParameters.Values(gradients.Values[i]));
        }
        return gradients.Loss;
    }

    public BatchGradients ComputeGradients(Tensor rows, IReadOnlyList<int> prefixes, long[]? latentUses = null)
    {
        using var scope = NewDisposeScope();
        (Tensor z, Tensor output) = Forward(rows);
        double loss = Loss(rows, z, output, out _);
        CountUses(z, latentUses);
        Tensor u = output; // in place: o becomes ∂L/∂(D z + c)
        OutputGradient(rows, u);
        Tensor v = Products.Multiply(u, decoderColumns);
        LatentGradient(z, v);
        Tensor decoder = Products.Multiply(z.t(), u), encoder = Products.Multiply(v.t(), rows), decoderBias = ColumnSums(u), encoderBias = ColumnSums(v);
        return new BatchGradients(loss, [.. new[] { encoder, encoderBias, decoder, decoderBias }.Select(g => g.DetachFromDisposeScope())]);
    }

    public BatchFigures Evaluate(Tensor rows, IReadOnlyList<int> prefixes, IReadOnlyList<int>? ks = null, long[]? latentUses = null, float[]? residuals = null)
    {
        using var scope = NewDisposeScope();
        (Tensor z, Tensor output) = Forward(rows);
        int[] wanted = [.. ks ?? [recipe.LatentDims]];
        double loss = Loss(rows, z, output, out double squares);
        CountUses(z, latentUses);
        var squaresByK = new double[wanted.Length];
        var activeByK = new long[wanted.Length];
        for (int i = 0; i < wanted.Length; i++)
        {
            activeByK[i] = KeepStrongest(z, wanted[^(i + 1)]); // largest k first: what a smaller one drops, the larger ones keep
            squaresByK[i] = wanted[^(i + 1)] >= recipe.LatentDims ? squares : SquaresOf(rows, Output(z));
        }
        Array.Reverse(squaresByK);
        Array.Reverse(activeByK);
        return new BatchFigures(loss, squaresByK, activeByK);
    }

    public void Dispose()
    {
        encoderColumns.Dispose();
        decoderColumns.Dispose();
        Parameters.Dispose();
        Adam.Dispose();
    }

    // z = ReLU(W x' + b), [batchRows, latentDims];   o = σ(D z + c), [batchRows, inputDims]
    private (Tensor Z, Tensor Output) Forward(Tensor rows)
    {
        Tensor z = Products.Multiply(rows, encoderColumns);
        var values = new NativeMatrix(z);
        ReadOnlySpan<float> bias = NetworkParameters.Values(Parameters.EncoderBias);
        for (int row = 0; row < values.Rows; row++)
        {
            TensorPrimitives.Add(values.Row(row), bias, values.Row(row));
            TensorPrimitives.Max(values.Row(row), 0f, values.Row(row));
        }
        return (z, Output(z));
    }

    private Tensor Output(Tensor z)
    {
        Tensor output = Products.Multiply(z, Parameters.Decoder);
        var values = new NativeMatrix(output);
        ReadOnlySpan<float> bias = NetworkParameters.Values(Parameters.DecoderBias);
        for (int row = 0; row < values.Rows; row++)
        {
            TensorPrimitives.Add(values.Row(row), bias, values.Row(row));
            TensorPrimitives.Sigmoid(values.Row(row), values.Row(row));
        }
        return output;
    }

    private double Loss(Tensor rows, Tensor z, Tensor output, out double squares)
    {
        var (x, o) = (new NativeMatrix(rows), new NativeMatrix(output));
        Span<float> error = new float[recipe.InputDims];
        Span<double> sliceSquares = stackalloc double[SliceWeights.Length];
        for (int row = 0; row < x.Rows; row++)
        {
            TensorPrimitives.Subtract(o.Row(row), x.Row(row), error);
            for (int s = 0; s < recipe.OutputSlices.Count; s++)
                sliceSquares[s] += TensorPrimitives.SumOfSquares<float>(error[..recipe.OutputSlices[s]]);
        }
        double loss = penalty * (double)TensorPrimitives.Sum<float>(NetworkParameters.Values(z)); // z ≥ 0, so Σ|z| = Σz
        for (int s = 0; s < recipe.OutputSlices.Count; s++)
            loss += SliceWeights[s] * sliceSquares[s] / ((double)x.Rows * recipe.OutputSlices[s]);
        squares = sliceSquares[^1];
        return loss;
    }

    private static double SquaresOf(Tensor rows, Tensor output)
    {
        var (x, o) = (new NativeMatrix(rows), new NativeMatrix(output));
        double squares = 0;
        for (int row = 0; row < x.Rows; row++)
        {
            float distance = TensorPrimitives.Distance<float>(o.Row(row), x.Row(row));
            squares += (double)distance * distance;
        }
        return squares;
    }

    /// <summary>Turns o into u = e · o (1 − o) · the weights of the slices that an output belongs to.</summary>
    private void OutputGradient(Tensor rows, Tensor output)
    {
        int inputDims = recipe.InputDims, batchRows = (int)rows.shape[0];
        var weights = new float[inputDims];
        for (int s = 0; s < recipe.OutputSlices.Count; s++)
        {
            for (int i = 0; i < recipe.OutputSlices[s]; i++)
                weights[i] += (float)(2 * SliceWeights[s] / ((double)batchRows * recipe.OutputSlices[s]));
        }
        var (x, o) = (new NativeMatrix(rows), new NativeMatrix(output));
        var slope = new float[inputDims];
        for (int row = 0; row < batchRows; row++)
        {
            Span<float> u = o.Row(row);
            TensorPrimitives.Subtract(1f, u, slope);
            TensorPrimitives.Multiply(slope, u, slope);
            TensorPrimitives.Subtract(u, x.Row(row), u);
            TensorPrimitives.Multiply(u, slope, u);
            TensorPrimitives.Multiply(u, weights, u);
        }
    }

    /// <summary>Turns u Dᵀ into v: the penalty added, latents at rest left out.</summary>
    private void LatentGradient(Tensor z, Tensor v)
    {
        Span<float> codes = NetworkParameters.Values(z), gradients = NetworkParameters.Values(v);
        Span<Vector<float>> zs = MemoryMarshal.Cast<float, Vector<float>>(codes), vs = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        for (int i = 0; i < vs.Length; i++)
            vs[i] = Vector.ConditionalSelect(Vector.GreaterThan(zs[i], Vector<float>.Zero), vs[i] + new Vector<float>(penalty), Vector<float>.Zero);
        for (int i = vs.Length * Vector<float>.Count; i < gradients.Length; i++)
            gradients[i] = codes[i] > 0 ? gradients[i] + penalty : 0;
    }

    private static Tensor ColumnSums(Tensor values)
    {
        Tensor sums = zeros(values.shape[1]);
        Span<float> total = NetworkParameters.Values(sums);
        var matrix = new NativeMatrix(values);
        for (int row = 0; row < matrix.Rows; row++)
            TensorPrimitives.Add(total, matrix.Row(row), total);
        return sums;
    }

    private static void CountUses(Tensor z, long[]? latentUses)
    {
        if (latentUses is null)
            return;
        var codes = new NativeMatrix(z);
        Span<int> uses = new int[latentUses.Length];
        Span<Vector<int>> some = MemoryMarshal.Cast<int, Vector<int>>(uses);
        for (int row = 0; row < codes.Rows; row++)
        {
            Span<float> code = codes.Row(row);
            Span<Vector<float>> zs = MemoryMarshal.Cast<float, Vector<float>>(code);
            for (int i = 0; i < zs.Length; i++)
                some[i] -= Vector.GreaterThan(zs[i], Vector<float>.Zero); // True is −1.
            for (int latent = zs.Length * Vector<float>.Count; latent < code.Length; latent++)
                uses[latent] += code[latent] > 0 ? 1 : 0;
        }
        for (int latent = 0; latent < uses.Length; latent++)
            latentUses[latent] += uses[latent];
    }

    /// <summary>Clears all but the k strongest latents of each row.</summary>
    /// <returns>Active components that are left.</returns>
    private long KeepStrongest(Tensor z, int k)
    {
        var codes = new NativeMatrix(z);
        var scratch = new ulong[recipe.LatentDims + 1];
        int width = Math.Min(k, recipe.LatentDims);
        Span<int> latents = new int[width];
        Span<float> values = new float[width];
        long active = 0;
        for (int row = 0; row < codes.Rows; row++)
        {
            int kept = StrongestLatents.Select(codes.Row(row), CodeActivation.Relu, scratch, latents, values);
            codes.Row(row).Clear();
            for (int j = 0; j < kept; j++)
                codes.Row(row)[latents[j]] = values[j];
            active += kept;
        }
        return active;
    }
}
