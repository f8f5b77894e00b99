using static TorchSharp.torch;

namespace HierEmbed.Training.Optimization;

/// <summary>A batch's loss and its gradients.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Values">One tensor a parameter, in the order and shapes of <see cref="Network.NetworkParameters.All"/>.</param>
internal sealed record BatchGradients(double Loss, IReadOnlyList<Tensor> Values) : IDisposable
{
    public void Dispose()
    {
        foreach (Tensor gradient in Values)
            gradient.Dispose();
    }
}
