namespace HierEmbed.Serving.Catalog;

/// <summary>One version of one model.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Version">The version.</param>
public readonly record struct ModelKey(string Dataset, string Version);
