using HierEmbed.Core.Recipes;
using HierEmbed.Training.Losses;
using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.Optimization;

/// <summary>A step whose gradients come from Torch's automatic differentiation.</summary>
internal sealed class AutogradStep : ITrainingStep
{
    private readonly IObjective objective;
    private readonly bool unitNormAtoms;

    /// <summary>Takes over the parameters.</summary>
    public AutogradStep(ResolvedRecipe recipe, IObjective objective, NetworkParameters parameters)
    {
        this.objective = objective;
        unitNormAtoms = recipe.Recipe.Architecture == Architecture.TopK;
        Parameters = parameters;
        Adam = new AdamState(recipe);
        foreach (Tensor parameter in parameters.All)
            parameter.requires_grad = true;
    }

    public NetworkParameters Parameters { get; }

    public AdamState Adam { get; }

    public BatchGradients ComputeGradients(Tensor rows, IReadOnlyList<int> prefixes, long[]? latentUses = null)
    {
        using var scope = NewDisposeScope();
        BatchLoss batch = objective.Evaluate(Parameters, rows, prefixes);
        IList<Tensor> gradients = autograd.grad([batch.Loss], [.. Parameters.All]);
        if (latentUses is not null)
        {
            foreach (TopKSelection code in batch.Codes)
                LatentUses.Count(code, latentUses);
        }
        return new BatchGradients(batch.Loss.to_type(ScalarType.Float64).item<double>(), [.. gradients.Select(g => g.DetachFromDisposeScope())]);
    }

    public double Step(Tensor rows, StepPlan plan, long[] latentUses)
    {
        using var scope = NewDisposeScope();
        using BatchGradients gradients = ComputeGradients(rows, plan.Prefixes, latentUses);
        if (!double.IsFinite(gradients.Loss))
            return gradients.Loss;
        if (unitNormAtoms)
            UnitNormAtoms.RemoveParallel(gradients.Values[2], Parameters.Decoder);
        Adam.Update(Parameters, gradients.Values, plan.LearningRate, plan.Step);
        if (unitNormAtoms)
            UnitNormAtoms.Renormalize(Parameters);
        return gradients.Loss;
    }

    public void Dispose()
    {
        Parameters.Dispose();
        Adam.Dispose();
    }
}
