using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of <see cref="PublishModelStep"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Version">The version to publish.</param>
/// <param name="Serve">Whether to point at it; false where new files were only coded with what is served.</param>
public sealed record PublishInput(string RunId, string Version, bool Serve) : IRunInput;

/// <summary>Writes which codes belong to which rows, then points at the version, unless a newer run has been there.</summary>
public sealed class PublishModelStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs, ModelStore models) : RunStep<PublishInput, RunEnd>(StepNames.PublishModel, "publish", runs)
{

    /// <inheritdoc />
    protected override async Task<StepResult<RunEnd>> ExecuteAsync(PublishInput input, RunRecord run, CancellationToken cancellationToken)
    {
        await WriteCodesIndexAsync(input, run, cancellationToken);
        if (!input.Serve)
            return StepResult.Of(new RunEnd(RunState.Unchanged, null, input.Version));
        LatestPointer? before = (await models.FindLatestAsync(run.Dataset, cancellationToken)).Value;
        LatestPointer now = await models.PointAsync(run.Dataset, input.Version, run.Sequence, run.RunId, cancellationToken);
        RunState state = now.Sequence != run.Sequence ? RunState.Superseded
            : before?.Version == input.Version && before.RunId != run.RunId ? RunState.Unchanged
            : RunState.Published;
        return StepResult.Of(new RunEnd(state, null, input.Version));
    }

    private async Task WriteCodesIndexAsync(PublishInput input, RunRecord run, CancellationToken cancellationToken)
    {
        RunPlan plan = await inputs.PlanAsync(run.RunId, cancellationToken);
        DatasetListing listing = await Runs.ListingAsync(run.RunId, cancellationToken);
        CodesIndexEntry[] index = [.. plan.Blocks.Select(b => new CodesIndexEntry(listing.Files[b.File].Name, b.Block, b.Rows, EncodeBlockStep.CodesFile(b)))];
        await storage.Results.WriteJsonAsync($"{Layout.Version(run.Dataset, input.Version)}{Layout.CodesFolder}{run.RunId}.json", index, WriteCondition.Always, cancellationToken);
    }
}
