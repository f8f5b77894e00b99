using HierEmbed.Core.Errors;

namespace HierEmbed.Serving.Http;

/// <summary>An RFC 9457 problem.</summary>
/// <param name="Type">Stable type URI, <c>urn:hierembed:problem:&lt;code&gt;</c>.</param>
/// <param name="Title">The same short sentence for every occurrence.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What was found, where, what was expected, what to do; under 300 characters.</param>
/// <param name="Instance">Path of the request.</param>
public sealed record ProblemBody(string Type, string Title, int Status, string Detail, string Instance)
{
    /// <summary>A problem of a kind with its particulars.</summary>
    public static ProblemBody From(ProblemType type, string detail, string instance) => new(type.Uri, type.Title, type.Status, detail, instance);
}
