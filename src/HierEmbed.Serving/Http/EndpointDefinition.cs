using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Http;

/// <summary>One route: what it is called, where it is, what goes in and out, and what answers it.</summary>
/// <param name="Name">Name of the function that serves it, and the operation id of the OpenAPI document.</param>
/// <param name="Method">HTTP method, upper case.</param>
/// <param name="Route">Template below <see cref="ApiRoutes.Prefix"/>, without a slash at its start.</param>
/// <param name="Summary">What it does, one sentence.</param>
/// <param name="Handler">Answers a request; route values are taken from the request.</param>
public sealed record EndpointDefinition(
    string Name, string Method, string Route, string Summary, Func<HttpRequest, CancellationToken, Task<IResult>> Handler)
{
    /// <summary>Whether it answers without a key.</summary>
    public bool Anonymous { get; init; }

    /// <summary>Query parameters that it takes; any other is refused by name.</summary>
    public IReadOnlyList<QueryParameter> Query { get; init; } = [];

    /// <summary>Bodies that it takes, one for each media type.</summary>
    public IReadOnlyList<BodyShape> Body { get; init; } = [];

    /// <summary>What it answers when all is well. Problems come in addition.</summary>
    public IReadOnlyList<ResponseShape> Responses { get; init; } = [];
}
