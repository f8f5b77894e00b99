using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Http;
using HierEmbed.Serving.Runs;
using HierEmbed.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Serving.Hosting;

/// <summary>The routes on Kestrel, in this process.</summary>
public sealed class ApiHost : IAsyncDisposable
{
    /// <summary>Where it listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:7071";

    private readonly WebApplication app;

    private ApiHost(WebApplication app, ApiRoutes routes)
    {
        this.app = app;
        Routes = routes;
    }

    /// <summary>The routes that it answers.</summary>
    public ApiRoutes Routes { get; }

    /// <summary>Where it listens, ports that the system chose filled in.</summary>
    public IReadOnlyList<Uri> Addresses => [.. app.Urls.Select(url => new Uri(url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal)))];

    /// <summary>The first of <see cref="Addresses"/>.</summary>
    public Uri Address => Addresses[0];

    /// <summary>What the router answers, as "METHOD /path": tests hold it against the OpenAPI document.</summary>
    internal IEnumerable<string> MappedRoutes => ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .SelectMany(e => e.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method => $"{method} {e.RoutePattern.RawText}"));

    /// <summary>Starts to listen.</summary>
    /// <param name="options">Limits, key, poll interval.</param>
    /// <param name="storage">Both containers.</param>
    /// <param name="launcher">Starts watchers.</param>
    /// <param name="urls">Where to listen, such as <see cref="DefaultUrl"/>; port 0 lets the system choose.</param>
    /// <param name="logs">Where faults are logged; null: nowhere.</param>
    /// <param name="clock">Null: the system's.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="RequestException">An address beyond loopback, and no key is set.</exception>
    /// <exception cref="IOException">An address is in use.</exception>
    public static Task<ApiHost> StartAsync(HierEmbedOptions options, HierEmbedStorage storage, IWatcherLauncher launcher, IReadOnlyList<string> urls,
        ILoggerFactory? logs = null, TimeProvider? clock = null, CancellationToken cancellationToken = default) =>
        StartAsync(options, storage, launcher, urls, (_, _) => { }, logs, clock, cancellationToken);

    /// <summary>Starts to listen, with routes beside those of the program: benchmarks measure against them.</summary>
    internal static async Task<ApiHost> StartAsync(HierEmbedOptions options, HierEmbedStorage storage, IWatcherLauncher launcher, IReadOnlyList<string> urls,
        Action<ApiRoutes, IEndpointRouteBuilder> also, ILoggerFactory? logs = null, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        RequireKeyBeyondLoopback(urls, options);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        // Settings come from the caller alone: Kestrel__Endpoints in the environment, or an appsettings.json where the program was
        // started, would open addresses that nobody checked.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        builder.Logging.ClearProviders();
        if (logs is not null)
            builder.Services.AddSingleton(logs);
        // The caller decides when to stop: no handler of signals here.
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.WebHost.UseUrls([.. urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Bodies are counted where they are read, on every host alike, so that the problem can say limit and size.
            kestrel.Limits.MaxRequestBodySize = null;
        });
        WebApplication app = builder.Build();
        var routes = new ApiRoutes(options, storage, launcher, clock ?? TimeProvider.System, logs ?? NullLoggerFactory.Instance);
        app.UseStatusCodePages(status => AnswerUnmapped(status.HttpContext));
        if (string.IsNullOrEmpty(options.ApiKey))
            app.Use(OtherSites.RefuseAsync);
        app.UseRouting();
        routes.Map(app);
        also(routes, app);
        var host = new ApiHost(app, routes);
        try
        {
            await app.StartAsync(cancellationToken);
            RequireKeyBeyondLoopback([.. app.Urls], options);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Refuses addresses that others can reach where no key is set.</summary>
    /// <exception cref="RequestException">There is one.</exception>
    public static void RequireKeyBeyondLoopback(IReadOnlyList<string> urls, HierEmbedOptions options)
    {
        if (!string.IsNullOrEmpty(options.ApiKey))
            return;
        foreach (string url in urls)
        {
            if (!IsLoopback(url))
                throw new RequestException(ProblemTypes.Unauthorized,
                    $"{url} can be reached from other machines, and no key is set. Set {HierEmbedOptions.Section}__ApiKey, or listen on {DefaultUrl}.");
        }
    }

    /// <summary>Stops listening and lets the requests in flight finish.</summary>
    /// <param name="cancellationToken">Stops the waiting for them.</param>
    public Task StopAsync(CancellationToken cancellationToken = default) => app.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Routes.Dispose();
    }

    private static bool IsLoopback(string url) => Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && OtherSites.IsLoopback(uri.Host);

    private static Task AnswerUnmapped(HttpContext context)
    {
        string path = context.Request.Path;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Problems.Result(ProblemTypes.NotFound,
                $"There is no route {Quoted.Shorten(path)}. GET {ApiRoutes.Prefix}/openapi.json lists the routes.", path).ExecuteAsync(context),
            StatusCodes.Status405MethodNotAllowed => Problems.Result(ProblemTypes.MethodNotAllowed,
                $"{Quoted.Shorten(path)} does not answer {Quoted.Shorten(context.Request.Method)}; it answers {context.Response.Headers.Allow}.", path).ExecuteAsync(context),
            _ => Task.CompletedTask,
        };
    }

    private sealed class CallerLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
