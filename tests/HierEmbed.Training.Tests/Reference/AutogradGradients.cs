using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests.Reference;

/// <summary>Gradients by Torch's automatic differentiation: what the closed-form steps are held against.</summary>
/// <remarks>Too fragile to train with: TorchSharp lets the scalar operands of a call be freed while the call runs.</remarks>
internal static class AutogradGradients
{
    public static BatchGradients Compute(IObjective objective, NetworkParameters parameters, Tensor rows, IReadOnlyList<int> prefixes)
    {
        using var scope = NewDisposeScope();
        foreach (Tensor parameter in parameters.All)
            parameter.requires_grad = true;
        BatchLoss batch = objective.Evaluate(parameters, rows, prefixes);
        IList<Tensor> gradients = autograd.grad([batch.Loss], [.. parameters.All]);
        foreach (Tensor parameter in parameters.All)
            parameter.requires_grad = false;
        return new BatchGradients(batch.Loss.to_type(ScalarType.Float64).item<double>(), [.. gradients.Select(g => g.DetachFromDisposeScope())]);
    }
}
