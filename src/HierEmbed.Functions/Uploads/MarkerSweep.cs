using HierEmbed.Functions.Watchers;
using HierEmbed.Pipeline.Uploads;
using HierEmbed.Storage.Datasets;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Uploads;

/// <summary>Starts a watcher for each marker that was left behind, so that no race and no crash loses an upload.</summary>
/// <param name="markers">Markers of changed datasets.</param>
/// <param name="presence">Says where uploads cannot come, because their container is missing: a trigger waits for it in silence.</param>
public sealed class MarkerSweep(DirtyMarkers markers, UploadsPresence presence)
{
    /// <summary>Sweeps once.</summary>
    /// <param name="client">Starts watchers.</param>
    /// <param name="cancellationToken">Cancels between markers.</param>
    public async Task RunAsync(DurableTaskClient client, CancellationToken cancellationToken)
    {
        foreach (string dataset in await markers.ListAsync(cancellationToken))
            await DurableWatchers.WakeAsync(client, dataset, cancellationToken);
        await presence.LookAsync(cancellationToken);
    }
}
