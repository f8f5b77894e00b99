using System.Text.Json;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Endpoints;
using HierEmbed.Storage.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Http;

/// <summary>Loads the models that are served, and answers one request with each, before a client's first request would have to wait for that.</summary>
/// <param name="encode">Answers.</param>
/// <param name="catalog">Loads.</param>
/// <param name="models">Knows what is served.</param>
/// <param name="options">How many versions stay loaded.</param>
/// <param name="log">Told of models that are ready, and of those that cannot be loaded.</param>
internal sealed class WarmUp(EncodeEndpoint encode, ModelCatalog catalog, ModelStore models, HierEmbedOptions options, ILogger<ModelCatalog> log)
{
    /// <summary>Warms up as many models as stay loaded.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (string dataset in (await models.ListAsync(cancellationToken)).Take(options.LoadedVersions))
        {
            try
            {
                using ModelLease lease = await catalog.AcquireAsync(dataset, null, cancellationToken);
                await AnswerAsync(dataset, lease.Model.InputDims, cancellationToken);
                CatalogLog.Ready(log, dataset, lease.Model.Manifest.Version);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // A request for it will be told the same. A storage that takes too long throws what a cancellation does.
                CatalogLog.WarmUpFailed(log, e, dataset);
            }
        }
    }

    private async Task AnswerAsync(string dataset, int inputDims, CancellationToken cancellationToken)
    {
        var response = new UnsentResponse();
        var context = new DefaultHttpContext { RequestAborted = cancellationToken };
        context.Features.Set<IHttpResponseFeature>(response);
        context.Request.ContentType = MediaTypes.Json;
        context.Request.Body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(Enumerable.Repeat(0.5f, inputDims)));
        try
        {
            await (await encode.EncodeAsync(context.Request, dataset, cancellationToken)).ExecuteAsync(context);
        }
        finally
        {
            await response.EndAsync();
        }
    }

    /// <summary>An answer that nobody reads; what was registered for its end is run, as a server would.</summary>
    private sealed class UnsentResponse : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> atEnd = [];

        public override void OnCompleted(Func<object, Task> callback, object state) => atEnd.Push((callback, state));

        public async Task EndAsync()
        {
            while (atEnd.TryPop(out (Func<object, Task> Callback, object State) registered))
                await registered.Callback(registered.State);
        }
    }
}
