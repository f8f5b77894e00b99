namespace HierEmbed.Serving.Endpoints;

/// <summary>What is served after a rollback.</summary>
/// <param name="Model">The model.</param>
/// <param name="ModelVersion">The version that is served now.</param>
/// <param name="Sequence">The pointer's new sequence.</param>
public sealed record RollbackResponse(string Model, string ModelVersion, long Sequence);
