namespace HierEmbed.Core.Recipes;

/// <summary>How pre-activations become a code.</summary>
public enum CodeActivation
{
    /// <summary>The largest values are kept, negative ones become zero.</summary>
    Relu,

    /// <summary>The largest magnitudes are kept with their sign.</summary>
    Signed,
}
