using HierEmbed.Core.Options;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of the steps of a watcher.</summary>
/// <param name="Dataset">The dataset.</param>
public sealed record DatasetInput(string Dataset);

/// <summary>What a watcher sees of its dataset's marker.</summary>
/// <param name="ETag">The marker's state, or null where there is none.</param>
/// <param name="QuietPeriod">How long it must be still.</param>
public sealed record MarkerLook(string? ETag, TimeSpan QuietPeriod);

/// <summary>Looks at a dataset's marker.</summary>
public sealed class LookAtMarkerStep(DirtyMarkers markers, HierEmbedOptions options) : PipelineStep<DatasetInput, MarkerLook>(StepNames.LookAtMarker)
{
    /// <inheritdoc />
    public override async Task<MarkerLook> RunAsync(DatasetInput input, CancellationToken cancellationToken)
    {
        ArtifactInfo? marker = await markers.FindAsync(input.Dataset, cancellationToken);
        return new(marker?.ETag, options.QuietPeriod);
    }
}
