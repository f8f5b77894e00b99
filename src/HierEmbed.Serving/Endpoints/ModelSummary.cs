namespace HierEmbed.Serving.Endpoints;

/// <summary>One model in the list of models.</summary>
/// <param name="Model">Its name, which is the dataset's.</param>
/// <param name="ModelVersion">The version that is served.</param>
/// <param name="Recipe">The preset that it was trained with.</param>
/// <param name="InputDims">Length of an embedding.</param>
/// <param name="LatentDims">Length of a code.</param>
/// <param name="PublishedAt">When the pointer was set to this version, UTC.</param>
/// <param name="Versions">All published versions, oldest first.</param>
public sealed record ModelSummary(
    string Model, string ModelVersion, string Recipe, int InputDims, int LatentDims, DateTimeOffset PublishedAt, IReadOnlyList<string> Versions);
