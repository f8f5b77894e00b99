namespace HierEmbed.Serving.Endpoints;

/// <summary>The models that are served.</summary>
/// <param name="Models">In order of names.</param>
public sealed record ModelList(IReadOnlyList<ModelSummary> Models);
