using HierEmbed.Pipeline.Steps;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Pipeline.Uploads;

/// <summary>Takes notice of one upload: marks its dataset, or says why it is ignored.</summary>
/// <remarks>
/// A blob trigger that fails is called again at once, a few times, and then its notice is put aside for good; so what time may cure is waited for here,
/// a minute at most. Once the marker stands, nothing can lose the upload.
/// </remarks>
/// <param name="storage">Both containers.</param>
/// <param name="markers">Markers of changed datasets.</param>
/// <param name="clock">Waits between attempts.</param>
/// <param name="logger">Where a refusal is logged.</param>
public sealed class UploadIntake(HierEmbedStorage storage, DirtyMarkers markers, TimeProvider clock, ILogger<UploadIntake> logger)
{
    private const int Attempts = 6;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(2);
    private readonly RefusedUploads refused = new(storage.Results, logger);

    /// <summary>Marks the dataset that an upload belongs to.</summary>
    /// <param name="name">The upload's name.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The dataset; null where there is nothing to do: it is hidden, its name is refused, or it is gone. Deleting a file starts nothing.</returns>
    public async Task<string?> MarkAsync(string name, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await TryMarkAsync(name, cancellationToken);
            }
            catch (Exception e) when (attempt < Attempts && Faults.AreTransient(e) && !cancellationToken.IsCancellationRequested)
            {
                Log.UploadRetried(logger, name, attempt, Attempts, e);
                await Task.Delay(FirstDelay * (1 << (attempt - 1)), clock, cancellationToken);
            }
        }
    }

    private async Task<string?> TryMarkAsync(string name, CancellationToken cancellationToken)
    {
        if (DatasetCatalog.DatasetOf(name) is not { } dataset)
            return null;
        // What no artifact can be called cannot be looked up, and is refused whether or not it is there still.
        if (ArtifactNames.IsName(name) && await storage.Uploads.FindAsync(name, cancellationToken) is null)
            return null;
        if (await refused.RefusesAsync(name, dataset, cancellationToken))
            return null;
        await markers.MarkAsync(dataset, cancellationToken);
        return dataset;
    }
}
