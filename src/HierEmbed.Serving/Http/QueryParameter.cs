namespace HierEmbed.Serving.Http;

/// <summary>One query parameter of a route.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its value's type.</param>
/// <param name="Description">What it does, one sentence.</param>
public sealed record QueryParameter(string Name, Type Type, string Description);
