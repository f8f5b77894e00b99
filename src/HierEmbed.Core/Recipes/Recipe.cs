using System.Text.Json.Serialization;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Core.Recipes;

/// <summary>How a model is trained, before the data is known. Fields that are null follow from the data: see <see cref="Resolve"/>.</summary>
/// <remarks>Every field can be overridden in <c>training.json</c> or with <c>--set</c>; <see cref="RecipeFields"/> holds their names and ranges.</remarks>
public sealed record Recipe
{
    /// <summary>The preset that this recipe started from: one of <see cref="RecipePresets.Names"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The network.</summary>
    public Architecture Architecture { get; init; } = Architecture.TopK;

    /// <summary>
    /// Units of the hidden layer. Left out: 4 × inputDims; under 10,000 training rows 2 ×, with prefixes 3 ×; at least twice the largest k.
    /// PrincipalAxes: inputDims, or as many axes as the training rows span.
    /// </summary>
    public int? LatentDims { get; init; }

    /// <summary>How pre-activations become a code.</summary>
    public CodeActivation Activation { get; init; } = CodeActivation.Relu;

    /// <summary>Where atoms start. TopK only.</summary>
    public Initialization Initialization { get; init; } = Initialization.Rows;

    /// <summary>Divides each row by its length before anything else; zero rows are rejected then.</summary>
    public bool L2Normalize { get; init; } = true;

    /// <summary>What the scaler does.</summary>
    public ScalingMode Scaling { get; init; } = ScalingMode.Centre;

    /// <summary>The numbers of active components that the loss is summed over, ascending. TopK only.</summary>
    public IReadOnlyList<int> TrainKs { get; init; } = [32];

    /// <summary>How much less a larger k of trainKs counts: its loss has the weight k^−kWeightPower over their sum. 0: all count the same. TopK only.</summary>
    public double KWeightPower { get; init; }

    /// <summary>The weights of the losses at several numbers of active components; they add up to 1.</summary>
    /// <param name="ks">Numbers of active components, ascending.</param>
    public double[] KWeights(IReadOnlyList<int> ks)
    {
        double[] weights = [.. ks.Select(k => Math.Pow(k, -KWeightPower))];
        double sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }

    /// <summary>Latent prefixes trained to serve alone, as divisors of latentDims (32 means the first latentDims/32). Empty: none. TopK only.</summary>
    public IReadOnlyList<int> PrefixDivisors { get; init; } = [];

    /// <summary>Trains every prefix at each step, or one drawn at each step (cheaper).</summary>
    public bool AllPrefixes { get; init; }

    /// <summary>Weight of the prefixes' mean loss beside the whole network's 1. TopK only.</summary>
    public double PrefixWeight { get; init; } = 1;

    /// <summary>Weight of the L1 activity penalty: λ · Σ|z| over the batch, not divided by its size. SigmoidOutput only.</summary>
    public double ActivityPenalty { get; init; }

    /// <summary>SigmoidOutput only: latentDims and output slices follow inputDims (1/2, and 1/4, 1/2, 1) in place of the notebook's 128, and 64, 128, all.</summary>
    public bool ScaleWithInputDims { get; init; }

    /// <summary>Passes over the training rows. Left out: by data size. PrincipalAxes: one, that only measures.</summary>
    public int? Epochs { get; init; }

    /// <summary>Rows a step.</summary>
    public int BatchRows { get; init; } = 512;

    /// <summary>Adam's step size at its peak.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Adam's decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam's decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Adam's ε.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Share of the steps over which the learning rate rises linearly from 0.</summary>
    public double WarmupFraction { get; init; } = 0.05;

    /// <summary>Share of the steps at the end over which the learning rate falls linearly to 0.</summary>
    public double DecayFraction { get; init; } = 0.3;

    /// <summary>Epochs without a lower validation loss after which training stops; the weights of the lowest are kept. 0: it never stops early and keeps the last.</summary>
    /// <remarks>For one k without prefixes the loss is the FVU but for a constant; for several it weighs every k and prefix, which the FVU at the largest k alone does not.</remarks>
    public int Patience { get; init; } = 10;

    /// <summary>Re-seeds latents that no row used for an epoch from badly reconstructed rows. TopK only.</summary>
    public bool ResampleDead { get; init; } = true;

    /// <summary>Share of rows held out for validation.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Share of rows held out for evaluation; training never sees them.</summary>
    public double TestFraction { get; init; } = 0.1;

    /// <summary>Numbers that the exported encoder multiplies: int8 makes it smaller and faster, its codes a little different. Training is in float32 always.</summary>
    /// <remarks>Left out of the JSON where it is float32, so that a recipe of before keeps its hash.</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EncoderPrecision EncoderPrecision { get; init; } = EncoderPrecision.Float32;

    /// <summary>Whether the last rows validate and the scaler is fitted on all rows, as the notebook does; else rows are split by a hash.</summary>
    [JsonIgnore]
    public bool SplitsByPosition => Architecture == Architecture.SigmoidOutput;

    /// <summary>Fixes what depends on the data.</summary>
    /// <param name="inputDims">Length of an embedding.</param>
    /// <param name="trainRows">Rows of the training split.</param>
    /// <returns>A recipe without open fields.</returns>
    /// <exception cref="Errors.RecipeException">The sizes contradict one another: a k above latentDims, a prefix of no latents.</exception>
    public ResolvedRecipe Resolve(int inputDims, long trainRows) => ResolvedRecipe.From(this, inputDims, trainRows);
}
