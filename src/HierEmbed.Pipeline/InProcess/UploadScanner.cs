using HierEmbed.Pipeline.Uploads;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Pipeline.InProcess;

/// <summary>What a blob trigger is to the function app: marks the datasets whose files are new or changed since the last look.</summary>
/// <remarks>The first look after a start marks every dataset; one that is trained already is found so by its run.</remarks>
internal sealed class UploadScanner(HierEmbedPipeline pipeline, ILogger logger)
{
    private readonly RefusedUploads refusals = new(pipeline.Storage.Results, logger);
    private readonly UploadsPresence presence = new(pipeline.Storage.Uploads, pipeline.Options.UploadsContainer, logger);
    private readonly HashSet<string> refused = [];
    private Dictionary<string, string> seen = [];

    public async Task MarkChangedAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>();
        var changed = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (ArtifactInfo info in pipeline.Storage.Uploads.ListAsync(string.Empty, cancellationToken))
        {
            if (DatasetCatalog.DatasetOf(info.Name) is not { } dataset)
                continue;
            if (refused.Contains(info.Name))
                continue;
            if (await refusals.RefusesAsync(info.Name, dataset, cancellationToken))
            {
                refused.Add(info.Name);
                continue;
            }
            found[info.Name] = info.ETag;
            if (!seen.TryGetValue(info.Name, out string? before) || before != info.ETag)
                changed.Add(dataset);
        }
        if (found.Count == 0 || presence.IsMissing)
            await presence.LookAsync(cancellationToken);
        foreach (string dataset in changed)
        {
            Log.DatasetChanged(logger, dataset);
            await pipeline.Markers.MarkAsync(dataset, cancellationToken);
        }
        // Only now: what could not be marked is new again at the next look.
        seen = found;
    }
}
