namespace HierEmbed.Core.Recipes;

/// <summary>The network that a recipe trains.</summary>
public enum Architecture
{
    /// <summary>TopK sparse autoencoder: the k largest pre-activations make the code, a linear dictionary reads it back.</summary>
    TopK,

    /// <summary>The notebook's network: ReLU latents with an L1 activity penalty, a sigmoid output, a loss nested over output slices.</summary>
    SigmoidOutput,

    /// <summary>The principal axes of the training rows, by falling variance: a rotation that is computed, not trained. Codes are signed components.</summary>
    PrincipalAxes,
}
