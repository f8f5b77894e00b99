namespace HierEmbed.Core.Errors;

/// <summary>A kind of failure with a name that never changes: what RFC 9457 calls the problem type.</summary>
/// <param name="Code">Stable slug, lower case with hyphens; the type URI is <c>urn:hierembed:problem:{Code}</c>.</param>
/// <param name="Title">The same short sentence for every occurrence.</param>
/// <param name="Status">HTTP status that a route answers with.</param>
public sealed record ProblemType(string Code, string Title, int Status)
{
    /// <summary>The stable type URI of RFC 9457.</summary>
    public string Uri => $"urn:hierembed:problem:{Code}";
}
