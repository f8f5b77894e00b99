using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.Optimization;

/// <summary>A step of a network that is right from the start: it measures and changes nothing.</summary>
/// <param name="measured">Measures the loss; taken over.</param>
internal sealed class UntrainedStep(ITrainingStep measured) : ITrainingStep
{
    public NetworkParameters Parameters => measured.Parameters;

    public AdamState Adam => measured.Adam;

    public BatchGradients ComputeGradients(Tensor rows, IReadOnlyList<int> prefixes, long[]? latentUses = null) =>
        measured.ComputeGradients(rows, prefixes, latentUses);

    public BatchFigures Evaluate(Tensor rows, IReadOnlyList<int> prefixes, IReadOnlyList<int>? ks = null, long[]? latentUses = null, float[]? residuals = null) =>
        measured.Evaluate(rows, prefixes, ks, latentUses, residuals);

    public double Step(Tensor rows, StepPlan plan, long[] latentUses) => measured.Evaluate(rows, plan.Prefixes, latentUses: latentUses).Loss;

    public void Dispose() => measured.Dispose();
}
