namespace HierEmbed.Core.Recipes;

/// <summary>Where the atoms of a TopK autoencoder start.</summary>
public enum Initialization
{
    /// <summary>Random directions.</summary>
    Random,

    /// <summary>The directions of training rows from their mean; random directions where there are more latents than rows.</summary>
    Rows,
}
