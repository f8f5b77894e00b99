using HierEmbed.Functions.Watchers;
using HierEmbed.Pipeline.Uploads;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Uploads;

/// <summary>What an upload starts: its dataset's marker, and the watcher.</summary>
/// <param name="intake">Marks datasets.</param>
public sealed class UploadWatch(UploadIntake intake)
{
    /// <summary>Marks the upload's dataset and starts its watcher. Delivered twice it does the same once more: a marker moves, and a watcher runs.</summary>
    /// <param name="name">The upload's name in its container.</param>
    /// <param name="client">Starts the watcher.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public async Task OnUploadAsync(string name, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await intake.MarkAsync(name, cancellationToken) is { } dataset)
            await DurableWatchers.WakeAsync(client, dataset, cancellationToken);
    }
}
