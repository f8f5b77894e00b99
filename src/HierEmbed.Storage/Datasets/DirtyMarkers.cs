namespace HierEmbed.Storage.Datasets;

/// <summary>Markers that a dataset's files changed. Each writing gives a marker a new ETag, so a watcher can tell whether it moved.</summary>
/// <param name="results">The results container.</param>
public sealed class DirtyMarkers(IArtifactStore results)
{
    /// <summary>Sets or moves a marker.</summary>
    public Task MarkAsync(string dataset, CancellationToken cancellationToken = default) =>
        results.WriteBytesAsync(Layout.Dirty(DatasetName.Require(dataset)), Guid.NewGuid().ToByteArray(), WriteCondition.Always, cancellationToken);

    /// <summary>Looks a marker up.</summary>
    /// <returns>Its ETag and when it was last moved, or null where the dataset is not marked.</returns>
    public Task<ArtifactInfo?> FindAsync(string dataset, CancellationToken cancellationToken = default) =>
        results.FindAsync(Layout.Dirty(dataset), cancellationToken);

    /// <summary>Clears a marker unless it has moved.</summary>
    /// <returns>False where it moved: there is more to do.</returns>
    public Task<bool> ClearAsync(string dataset, string etag, CancellationToken cancellationToken = default) =>
        results.DeleteAsync(Layout.Dirty(dataset), etag, cancellationToken);

    /// <summary>All marked datasets. What is no dataset name is no marker.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        var datasets = new List<string>();
        await foreach (ArtifactInfo info in results.ListAsync(Layout.DirtyPrefix, cancellationToken))
        {
            string dataset = info.Name[Layout.DirtyPrefix.Length..];
            if (DatasetName.IsValid(dataset))
                datasets.Add(dataset);
        }
        return datasets;
    }
}
