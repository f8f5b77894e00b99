namespace HierEmbed.Serving.Endpoints;

/// <summary>That the program answers.</summary>
/// <param name="Status">ok.</param>
/// <param name="Version">The program's version.</param>
public sealed record HealthView(string Status, string Version);
