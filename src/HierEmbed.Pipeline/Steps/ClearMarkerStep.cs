using HierEmbed.Storage.Datasets;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of <see cref="ClearMarkerStep"/>.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="ETag">The marker's state that was worked on.</param>
public sealed record ClearMarkerInput(string Dataset, string ETag);

/// <summary>Clears a dataset's marker; false where it moved meanwhile: the watcher goes round again.</summary>
public sealed class ClearMarkerStep(DirtyMarkers markers) : PipelineStep<ClearMarkerInput, bool>(StepNames.ClearMarker)
{
    /// <inheritdoc />
    public override Task<bool> RunAsync(ClearMarkerInput input, CancellationToken cancellationToken) =>
        markers.ClearAsync(input.Dataset, input.ETag, cancellationToken);
}
