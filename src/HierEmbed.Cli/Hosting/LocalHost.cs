using HierEmbed.Core.Options;
using HierEmbed.Pipeline;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.Serving.Hosting;
using HierEmbed.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace HierEmbed.Cli.Hosting;

/// <summary>The whole program in one process: the workflows over a folder or a blob service, and the HTTP endpoints.</summary>
internal sealed partial class LocalHost : IAsyncDisposable
{
    private readonly InProcessEngine engine;
    private readonly ApiHost api;
    private readonly ILoggerFactory loggers;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task warmingUp;

    private LocalHost(HierEmbedOptions options, InProcessEngine engine, ApiHost api, ILoggerFactory loggers)
    {
        Options = options;
        this.engine = engine;
        this.api = api;
        this.loggers = loggers;
        // Beside the first requests: health and lists answer at once.
        warmingUp = Task.Run(() => WarmUpAsync(loggers.CreateLogger<LocalHost>()));
    }

    public HierEmbedOptions Options { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address => api.Address;

    /// <summary>Starts to serve, then to look for uploads and for runs that an earlier process left behind.</summary>
    public static async Task<LocalHost> StartAsync(HierEmbedStorage storage, HierEmbedOptions options, string urls, bool verbose, CancellationToken cancellationToken)
    {
        ILoggerFactory loggers = LoggerFactory.Create(builder =>
        {
            builder.SetMinimumLevel(verbose ? LogLevel.Information : LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning)
                // An address in use is thrown too, and said in one line.
                .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
            // All of it to standard error: standard output is for results.
            builder.AddSimpleConsole(console => console.SingleLine = true);
            builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        });
        var engine = new InProcessEngine(new HierEmbedPipeline(storage, options, TimeProvider.System), TimeProvider.System, loggers.CreateLogger<InProcessEngine>());
        try
        {
            ApiHost api = await ApiHost.StartAsync(options, storage, engine, urls.Split(';'), loggers, null, cancellationToken);
            engine.Start();
            return new LocalHost(options, engine, api, loggers);
        }
        catch
        {
            await engine.DisposeAsync();
            loggers.Dispose();
            throw;
        }
    }

    /// <summary>Serves until it is asked to stop.</summary>
    public static async Task WaitAsync(CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = cancellationToken.Register(stopped.SetResult);
        await stopped.Task;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await warmingUp;
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10)))
            await api.StopAsync(patience.Token);
        await api.DisposeAsync();
        await engine.DisposeAsync();
        loggers.Dispose();
        stopping.Dispose();
    }

    private async Task WarmUpAsync(ILogger log)
    {
        try
        {
            await api.Routes.WarmUpAsync(stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process stops.
        }
        catch (Exception e)
        {
            // Storage that does not answer yet; each request will say so.
            LogNotWarm(log, e);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The models that are served cannot be listed; each is loaded by its first request")]
    private static partial void LogNotWarm(ILogger logger, Exception exception);
}
