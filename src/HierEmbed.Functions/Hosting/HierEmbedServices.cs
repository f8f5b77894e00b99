using Azure.Core.Serialization;
using HierEmbed.Core;
using HierEmbed.Core.Options;
using HierEmbed.Functions.Uploads;
using HierEmbed.Functions.Watchers;
using HierEmbed.Pipeline;
using HierEmbed.Pipeline.Uploads;
using HierEmbed.Serving.Http;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Functions.Hosting;

/// <summary>What the functions are given. All of it lives as long as the worker.</summary>
public static class HierEmbedServices
{
    /// <summary>Adds the pipeline, the routes and their storage.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="configuration">App settings, checked here and now: a wrong one stops the start.</param>
    /// <exception cref="InvalidOperationException">A setting is unknown, missing or out of its range.</exception>
    public static IServiceCollection AddHierEmbed(this IServiceCollection services, IConfiguration configuration)
    {
        HierEmbedOptions options = Settings.Load(configuration);
        HierEmbedStorage storage = Settings.OpenStorage(configuration, options);
        // What crosses from a workflow to a step and back is written as it is stored: the Durable extension takes the worker's serializer.
        services.Configure<WorkerOptions>(worker => worker.Serializer = new JsonObjectSerializer(Json.Compact));
        // The endpoints say which limit a body is over; Kestrel's own, 30 MB, would only cut the connection.
        services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        services.AddSingleton(options);
        services.AddSingleton(storage);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new DirtyMarkers(provider.GetRequiredService<HierEmbedStorage>().Results));
        services.AddSingleton<DurableWatchers>();
        services.AddSingleton<HierEmbedPipeline>();
        services.AddSingleton<UploadIntake>();
        services.AddSingleton<UploadWatch>();
        services.AddSingleton<MarkerSweep>();
        services.AddSingleton(provider => new UploadsPresence(provider.GetRequiredService<HierEmbedStorage>().Uploads, options.UploadsContainer,
            provider.GetRequiredService<ILogger<UploadsPresence>>()));
        services.AddSingleton(provider => new ApiRoutes(options, provider.GetRequiredService<HierEmbedStorage>(), provider.GetRequiredService<DurableWatchers>(),
            TimeProvider.System, provider.GetRequiredService<ILoggerFactory>()));
        return services;
    }
}
