using HierEmbed.Serving.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace HierEmbed.Functions.Http;

/// <summary>Models over HTTP.</summary>
/// <param name="routes">Answers a request by its endpoint's name.</param>
public sealed class ModelFunctions(ApiRoutes routes)
{
    /// <summary>Lists the models and their versions.</summary>
    [Function("ListModels")]
    public Task<IResult> ListModelsAsync([HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Prefix + "models")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("ListModels", request, cancellationToken);

    /// <summary>Describes one version of a model, with its metrics.</summary>
    [Function("GetModel")]
    public Task<IResult> GetModelAsync([HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Prefix + "models/{dataset}")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("GetModel", request, cancellationToken);

    /// <summary>The evaluation page of one version of a model.</summary>
    [Function("GetReport")]
    public Task<IResult> GetReportAsync([HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Prefix + "models/{dataset}/report")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("GetReport", request, cancellationToken);

    /// <summary>Serves a version again.</summary>
    [Function("RollBackModel")]
    public Task<IResult> RollBackModelAsync([HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Prefix + "models/{dataset}/rollback")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("RollBackModel", request, cancellationToken);

    /// <summary>Deletes a model, or one version of it that is not served.</summary>
    [Function("DeleteModel")]
    public Task<IResult> DeleteModelAsync([HttpTrigger(AuthorizationLevel.Function, "delete", Route = Routes.Prefix + "models/{dataset}")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("DeleteModel", request, cancellationToken);
}
