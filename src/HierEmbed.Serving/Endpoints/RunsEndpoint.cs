using HierEmbed.Core;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Http;
using HierEmbed.Serving.Runs;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Endpoints;

/// <summary>Runs: start, list, look, cancel.</summary>
/// <param name="runs">Does what is asked.</param>
/// <param name="options">The body's limit.</param>
public sealed class RunsEndpoint(RunRequests runs, HierEmbedOptions options)
{
    /// <summary>Starts a training of what is stored: 202, or 200 where that state of the files was trained already.</summary>
    public async Task<IResult> StartAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        string dataset = await TextField.ReadAsync(request, "dataset", options, cancellationToken);
        RunStart start = await runs.StartAsync(dataset, cancellationToken);
        request.HttpContext.Response.Headers.Location = $"{ApiRoutes.Prefix}/runs/{start.Run.RunId}";
        return TypedResults.Json(start.Run, Json.Compact, statusCode: start.Accepted ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    /// <summary>Runs, newest first, of one dataset where <c>?dataset=</c> says so.</summary>
    public async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        int limit = new RequestFields(["limit"]).AddQuery(request).Integer("limit", 1, RunRequests.MaxLimit, "") ?? RunRequests.DefaultLimit;
        return TypedResults.Json(new RunList(await runs.ListAsync(request.Query["dataset"].FirstOrDefault(), limit, cancellationToken)), Json.Compact);
    }

    /// <summary>One run: its state, progress and outcome.</summary>
    public async Task<IResult> GetAsync(HttpRequest request, string id, CancellationToken cancellationToken) =>
        TypedResults.Json(await runs.GetAsync(id, cancellationToken), Json.Compact);

    /// <summary>Asks a run to stop.</summary>
    public async Task<IResult> CancelAsync(HttpRequest request, string id, CancellationToken cancellationToken) =>
        TypedResults.Json(await runs.CancelAsync(id, cancellationToken), Json.Compact, statusCode: StatusCodes.Status202Accepted);
}
