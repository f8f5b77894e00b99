using HierEmbed.Functions.Watchers;
using HierEmbed.Serving.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Http;

/// <summary>Runs over HTTP.</summary>
/// <param name="routes">Answers a request by its endpoint's name.</param>
/// <param name="watchers">Starts watchers with the client that a function was given.</param>
public sealed class RunFunctions(ApiRoutes routes, DurableWatchers watchers)
{
    /// <summary>Trains a dataset on the files that are stored.</summary>
    [Function("StartRun")]
    public Task<IResult> StartRunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Prefix + "runs")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => watchers.WithAsync(client, () => routes.RunAsync("StartRun", request, cancellationToken));

    /// <summary>Lists runs, newest first.</summary>
    [Function("ListRuns")]
    public Task<IResult> ListRunsAsync([HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Prefix + "runs")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("ListRuns", request, cancellationToken);

    /// <summary>Shows where a run stands, with its losses and its problem.</summary>
    [Function("GetRun")]
    public Task<IResult> GetRunAsync([HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Prefix + "runs/{id}")] HttpRequest request, CancellationToken cancellationToken) =>
        routes.RunAsync("GetRun", request, cancellationToken);

    /// <summary>Asks a run to stop.</summary>
    [Function("CancelRun")]
    public Task<IResult> CancelRunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = Routes.Prefix + "runs/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => watchers.WithAsync(client, () => routes.RunAsync("CancelRun", request, cancellationToken));
}
