namespace HierEmbed.Serving.Http;

/// <summary>A body that a route takes.</summary>
/// <param name="MediaType">Its media type.</param>
/// <param name="Type">The record that describes its JSON, or null for other media types.</param>
public sealed record BodyShape(string MediaType, Type? Type);
