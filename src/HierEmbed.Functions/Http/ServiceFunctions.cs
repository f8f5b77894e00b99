using HierEmbed.Serving.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace HierEmbed.Functions.Http;

/// <summary>What says how to call the rest, and whether it answers.</summary>
/// <param name="routes">Answers a request by its endpoint's name.</param>
public sealed class ServiceFunctions(ApiRoutes routes)
{
    /// <summary>Says that the program answers.</summary>
    [Function("Health")]
    public Task<IResult> HealthAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.Prefix + "health")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("Health", request, cancellationToken);

    /// <summary>The OpenAPI document.</summary>
    [Function("OpenApi")]
    public Task<IResult> OpenApiAsync([HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Prefix + "openapi.json")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("OpenApi", request, cancellationToken);
}
