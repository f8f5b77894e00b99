using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Pipeline.Uploads;

/// <summary>Takes notice of one upload: marks its dataset, or says why it is ignored.</summary>
/// <param name="storage">Both containers.</param>
/// <param name="markers">Markers of changed datasets.</param>
/// <param name="logger">Where a refusal is logged.</param>
public sealed class UploadIntake(HierEmbedStorage storage, DirtyMarkers markers, ILogger<UploadIntake> logger)
{
    private readonly RefusedUploads refused = new(storage.Results, logger);

    /// <summary>Marks the dataset that an upload belongs to.</summary>
    /// <param name="name">The upload's name.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The dataset; null where there is nothing to do: it is hidden, its name is refused, or it is gone. Deleting a file starts nothing.</returns>
    public async Task<string?> MarkAsync(string name, CancellationToken cancellationToken)
    {
        if (DatasetCatalog.DatasetOf(name) is not { } dataset || await storage.Uploads.FindAsync(name, cancellationToken) is null)
            return null;
        if (!DatasetName.IsValid(dataset))
        {
            await refused.AddAsync(name, dataset, cancellationToken);
            return null;
        }
        await markers.MarkAsync(dataset, cancellationToken);
        return dataset;
    }
}
