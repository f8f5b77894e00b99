using HierEmbed.Serving.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace HierEmbed.Functions.Http;

/// <summary>Codes over HTTP.</summary>
/// <param name="routes">Answers a request by its endpoint's name.</param>
public sealed class CodeFunctions(ApiRoutes routes)
{
    /// <summary>Turns embeddings into sparse codes.</summary>
    [Function("Encode")]
    public Task<IResult> EncodeAsync([HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Prefix + "models/{dataset}/encode")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("Encode", request, cancellationToken);

    /// <summary>Compares embeddings, and their codes at several k.</summary>
    [Function("Similarity")]
    public Task<IResult> SimilarityAsync([HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Prefix + "models/{dataset}/similarity")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("Similarity", request, cancellationToken);

    /// <summary>Finds the stored rows nearest to queries.</summary>
    [Function("Search")]
    public Task<IResult> SearchAsync([HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Prefix + "models/{dataset}/search")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("Search", request, cancellationToken);
}
