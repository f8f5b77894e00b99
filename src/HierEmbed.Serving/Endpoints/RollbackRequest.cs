namespace HierEmbed.Serving.Endpoints;

/// <summary>Asks to serve another version.</summary>
/// <param name="Version">The version, one of those that GET /models lists.</param>
public sealed record RollbackRequest(string Version);
