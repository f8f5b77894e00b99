namespace HierEmbed.Core.Recipes;

/// <summary>Numbers that the exported encoder multiplies.</summary>
public enum EncoderPrecision
{
    /// <summary>Float32 throughout.</summary>
    Float32,

    /// <summary>Whole numbers: weights of 7 bits with a scale for each latent, rows of 8 bits with a scale for each row. A quarter of the file, more than twice the rate, codes that differ a little.</summary>
    Int8,
}
