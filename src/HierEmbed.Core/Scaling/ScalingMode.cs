namespace HierEmbed.Core.Scaling;

/// <summary>What the scaler does to a row x: x' = (x − μ) / s.</summary>
public enum ScalingMode
{
    /// <summary>Nothing: μ = 0, s = 1.</summary>
    None,

    /// <summary>Subtracts the mean of each dimension: s = 1.</summary>
    Centre,

    /// <summary>Subtracts the mean and divides by one number, the root of the mean variance over dimensions.</summary>
    Global,

    /// <summary>Subtracts the mean and divides each dimension by its standard deviation, as scikit-learn's StandardScaler does.</summary>
    Standard,
}
