using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Codes;
using HierEmbed.Serving.Endpoints;
using HierEmbed.Serving.OpenApi;
using HierEmbed.Serving.Runs;
using HierEmbed.Serving.Search;
using HierEmbed.Serving.Similarity;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Http;

/// <summary>Every route, declared once: a host maps this table, the OpenAPI document is made from it.</summary>
/// <remarks>A host that has its own router calls <see cref="RunAsync(string, HttpRequest, CancellationToken)"/> with the endpoint's name.</remarks>
public sealed class ApiRoutes : IDisposable
{
    /// <summary>What every route begins with.</summary>
    public const string Prefix = "/api/v1";

    private static readonly QueryParameter Version = new("version", typeof(string), "A version of the model; the one that is served if left out.");

    private readonly Dictionary<string, EndpointDefinition> byName;
    private readonly ApiKey key;
    private readonly Problems problems;
    private readonly WarmUp warmUp;

    /// <summary>Wires the endpoints up.</summary>
    /// <param name="options">Limits, key, poll interval.</param>
    /// <param name="storage">Both containers.</param>
    /// <param name="launcher">Starts watchers.</param>
    /// <param name="clock">Stamps records, measures the poll interval.</param>
    /// <param name="logs">Where faults are logged.</param>
    public ApiRoutes(HierEmbedOptions options, HierEmbedStorage storage, IWatcherLauncher launcher, TimeProvider clock, ILoggerFactory logs)
    {
        key = new ApiKey(options.ApiKey);
        problems = new Problems(logs.CreateLogger<Problems>());
        var models = new ModelStore(storage.Results, clock);
        Catalog = new ModelCatalog(models, storage.Results, options, clock, logs.CreateLogger<ModelCatalog>());
        Runs = new RunRequests(storage, launcher, clock);
        var encode = new EncodeEndpoint(Catalog, options);
        warmUp = new WarmUp(encode, Catalog, models, options, logs.CreateLogger<ModelCatalog>());
        All = Declare(new ModelsEndpoint(models, Catalog, options), new ReportEndpoint(models, storage.Results), encode,
            new SimilarityEndpoint(Catalog, options), new SearchEndpoint(Catalog, options), new RunsEndpoint(Runs, options));
        byName = All.ToDictionary(e => e.Name, StringComparer.Ordinal);
    }

    /// <summary>The routes.</summary>
    public IReadOnlyList<EndpointDefinition> All { get; }

    /// <summary>The models that the routes answer from.</summary>
    public ModelCatalog Catalog { get; }

    /// <summary>What the run routes call.</summary>
    public RunRequests Runs { get; }

    /// <summary>Answers a request by an endpoint's name.</summary>
    /// <exception cref="KeyNotFoundException">No endpoint has that name.</exception>
    public Task<IResult> RunAsync(string name, HttpRequest request, CancellationToken cancellationToken) => RunAsync(byName[name], request, cancellationToken);

    /// <summary>Answers a request: key, query, handler; whatever is thrown becomes a problem.</summary>
    public async Task<IResult> RunAsync(EndpointDefinition endpoint, HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (!endpoint.Anonymous)
                key.Require(request);
            RequireKnownQuery(endpoint, request);
            return problems.Guard(await endpoint.Handler(request, cancellationToken));
        }
        catch (Exception e)
        {
            return problems.Answer(e, request);
        }
    }

    /// <summary>Loads the models that are served, as many as stay loaded, and answers once with each: a program that lives long does so beside its start.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    public Task WarmUpAsync(CancellationToken cancellationToken) => warmUp.RunAsync(cancellationToken);

    /// <summary>Maps every route below <see cref="Prefix"/>.</summary>
    public void Map(IEndpointRouteBuilder builder)
    {
        foreach (EndpointDefinition endpoint in All)
        {
            RequestDelegate answer = async context => await (await RunAsync(endpoint, context.Request, context.RequestAborted)).ExecuteAsync(context);
            builder.MapMethods($"{Prefix}/{endpoint.Route}", [endpoint.Method], answer).WithDisplayName(endpoint.Name);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Catalog.Dispose();

    private static void RequireKnownQuery(EndpointDefinition endpoint, HttpRequest request)
    {
        foreach (string name in request.Query.Keys)
        {
            if (name != ApiKey.QueryName && !endpoint.Query.Any(q => q.Name == name))
                throw new RequestException(ProblemTypes.InvalidRequest, $"The query has the unknown parameter \"{Quoted.Shorten(name)}\"; this route takes "
                    + (endpoint.Query.Count == 0 ? "none." : string.Join(", ", endpoint.Query.Select(q => q.Name)) + "."));
        }
    }

    private IReadOnlyList<EndpointDefinition> Declare(ModelsEndpoint models, ReportEndpoint report, EncodeEndpoint encode, SimilarityEndpoint similarity, SearchEndpoint search, RunsEndpoint runs) =>
    [
        new("ListModels", "GET", "models", "Lists the models and their versions.", models.ListAsync)
        {
            Responses = [Ok<ModelList>()],
        },
        new("GetModel", "GET", "models/{dataset}", "Describes one version of a model, with its metrics.", ForDataset(models.GetAsync))
        {
            Query = [Version],
            Responses = [Ok<ModelView>(), new(304, null, null)],
        },
        new("GetReport", "GET", "models/{dataset}/report", "The evaluation page of one version of a model.", ForDataset(report.GetAsync))
        {
            Query = [Version],
            Responses = [new(200, MediaTypes.Html, null), new(304, null, null)],
        },
        new("Encode", "POST", "models/{dataset}/encode", "Turns embeddings into sparse codes, or queries into what codes of pursuit are scored against. Requests that come together share the encoder's products: on some processors the last bits of a value may differ from one request to the next.", ForDataset(encode.EncodeAsync))
        {
            Query = [Version, .. EncodeQuery],
            Body = [new(MediaTypes.Json, typeof(EncodeRequest)), new(MediaTypes.NdJson, null), new(MediaTypes.Npy, null)],
            Responses = [Ok<EncodeResponse>(), new(200, MediaTypes.NdJson, null), new(200, MediaTypes.Npy, null)],
        },
        new("Similarity", "POST", "models/{dataset}/similarity", "Compares embeddings, and at several k their codes and what these rebuild. Only the full cosine is calibrated.", ForDataset(similarity.CompareAsync))
        {
            Query = [Version, Ks, Prefixed, new("coding", typeof(CodeCoding), "encoder. Codes of pursuit have no cosine with one another.")],
            Body = [new(MediaTypes.Json, typeof(SimilarityRequest))],
            Responses = [Ok<SimilarityResponse>()],
        },
        new("Search", "POST", "models/{dataset}/search", "Finds the stored rows nearest to embeddings or to a stored row: a shortlist by codes, reranked with the full vectors.", ForDataset(search.SearchAsync))
        {
            Query = [Version, .. SearchQuery],
            Body = [new(MediaTypes.Json, typeof(SearchRequest)), new(MediaTypes.Npy, null)],
            Responses = [Ok<SearchResponse>()],
        },
        new("RollBackModel", "POST", "models/{dataset}/rollback", "Serves a version again.", ForDataset(models.RollBackAsync))
        {
            Body = [new(MediaTypes.Json, typeof(RollbackRequest))],
            Responses = [Ok<RollbackResponse>()],
        },
        new("DeleteModel", "DELETE", "models/{dataset}", "Deletes a model, or one version of it that is not served.", ForDataset(models.DeleteAsync))
        {
            Query = [Version with { Description = "The one version to delete; all of the model if left out." }],
            Responses = [new(204, null, null)],
        },
        new("StartRun", "POST", "runs", "Trains a dataset on the files that are stored.", runs.StartAsync)
        {
            Body = [new(MediaTypes.Json, typeof(StartRunRequest))],
            Responses = [new(202, MediaTypes.Json, typeof(RunView)), Ok<RunView>()],
        },
        new("ListRuns", "GET", "runs", "Lists runs, newest first.", runs.ListAsync)
        {
            Query = [new("dataset", typeof(string), "Only runs of this dataset."), new("limit", typeof(int), $"Runs at most, 1 to {RunRequests.MaxLimit}; {RunRequests.DefaultLimit} if left out.")],
            Responses = [Ok<RunList>()],
        },
        new("GetRun", "GET", "runs/{id}", "Shows where a run stands, with its losses and its problem.", ForRun(runs.GetAsync))
        {
            Responses = [Ok<RunView>()],
        },
        new("CancelRun", "DELETE", "runs/{id}", "Asks a run to stop.", ForRun(runs.CancelAsync))
        {
            Responses = [new(202, MediaTypes.Json, typeof(RunView))],
        },
        new("Health", "GET", "health", "Says that the program answers.", HealthEndpoint.GetAsync)
        {
            Anonymous = true,
            Responses = [Ok<HealthView>()],
        },
        new("OpenApi", "GET", "openapi.json", "This document.", (_, _) => Task.FromResult<IResult>(TypedResults.Text(OpenApiDocument.Create(All), MediaTypes.Json)))
        {
            Responses = [new(200, MediaTypes.Json, null)],
        },
    ];

    private static readonly QueryParameter Ks = new("ks", typeof(string), "Several k, such as 8,32.");
    private static readonly QueryParameter Prefixed = new("prefix", typeof(int), "Only the first so many latents are looked at.");

    private static readonly QueryParameter[] EncodeQuery =
    [
        new("k", typeof(int), "Active components; the model's largest trained k if left out."),
        Ks,
        Prefixed,
        new("normalize", typeof(bool), "Scales values to unit norm; true if left out. Codes of pursuit are never scaled."),
        new("format", typeof(CodeFormat), "How a code is written; sparse if left out."),
        new("coding", typeof(CodeCoding), "encoder if left out: codes that are compared with codes. pursuit: for rows that are stored, scored against projected queries."),
        new("side", typeof(EncodeSide), "document if left out. query: the dense projection that codes of pursuit are scored against; without k."),
    ];

    private static readonly QueryParameter[] SearchQuery =
    [
        new("topK", typeof(int), $"Neighbours of a query, 1 to {SearchChoices.MaxTopK}; {SearchChoices.DefaultTopK} if left out."),
        new("shortlistK", typeof(int), $"Rows of the shortlist; topK × oversampling if left out, with rerank full {SearchChoices.MaxFullRows} at most. Over all queries of a request at most {SearchChoices.MaxFullRowsOfRequest} with rerank full, {SearchChoices.MaxShortlistRows} without."),
        new("oversampling", typeof(int), $"Rows of the shortlist for each neighbour; {SearchOptions.DefaultOversampling} if left out. Not together with shortlistK."),
        new("rerank", typeof(Rerank), "What ranks the shortlist: full, the cosine with the stored vectors, the default where there are any; codes, the score of the whole code; none, the first pass."),
    ];

    private static ResponseShape Ok<T>() => new(200, MediaTypes.Json, typeof(T));

    private static Func<HttpRequest, CancellationToken, Task<IResult>> ForDataset(Func<HttpRequest, string, CancellationToken, Task<IResult>> handler) =>
        (request, cancellationToken) => handler(request, RouteValue(request, "dataset"), cancellationToken);

    private static Func<HttpRequest, CancellationToken, Task<IResult>> ForRun(Func<HttpRequest, string, CancellationToken, Task<IResult>> handler) =>
        (request, cancellationToken) => handler(request, RouteValue(request, "id"), cancellationToken);

    private static string RouteValue(HttpRequest request, string name) => request.RouteValues[name]?.ToString() ?? "";
}
