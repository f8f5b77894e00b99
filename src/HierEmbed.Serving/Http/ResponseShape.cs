namespace HierEmbed.Serving.Http;

/// <summary>An answer of a route.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="MediaType">Media type of the body, or null where there is none.</param>
/// <param name="Type">The record that describes its JSON, or null for other media types.</param>
public sealed record ResponseShape(int Status, string? MediaType, Type? Type);
