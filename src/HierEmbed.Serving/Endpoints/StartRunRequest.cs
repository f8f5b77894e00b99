namespace HierEmbed.Serving.Endpoints;

/// <summary>Asks for a training of what is stored.</summary>
/// <param name="Dataset">The dataset.</param>
public sealed record StartRunRequest(string Dataset);
