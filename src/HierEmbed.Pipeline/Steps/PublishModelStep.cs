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
public sealed class PublishModelStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs, ModelStore models, StoredCodes stored) : RunStep<PublishInput, RunEnd>(StepNames.PublishModel, "publish", runs)
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
        string folder = Layout.Version(run.Dataset, input.Version);
        IReadOnlySet<string> there = await StoredAsync(folder, cancellationToken);
        var blocks = new BlockStore(storage.Results, run.RunId);
        var index = new List<CodesIndexEntry>();
        foreach (PackedBlock block in plan.Blocks)
        {
            CodesIndexEntry entry = stored.NamesOf(listing.Files[block.File].Name, block);
            // Settings may be others since the block was coded, or another host may have cleared up.
            if (!IsThere(there, folder + Layout.CodesFolder, entry.Codes) || !IsThere(there, folder + Layout.VectorsFolder, entry.Vectors) || !IsThere(there, folder + Layout.LabelsFolder, entry.Labels))
                await stored.StoreAsync(blocks, plan, block, run.Dataset, input.Version, cancellationToken);
            index.Add(entry);
        }
        await new CodesIndexStore(storage.Results).WriteAsync(run.Dataset, input.Version, new CodesPointer(run.RunId, run.Sequence), index, cancellationToken);
    }

    private static bool IsThere(IReadOnlySet<string> there, string folder, string? name) => name is null || there.Contains(folder + name);

    private async Task<IReadOnlySet<string>> StoredAsync(string folder, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>();
        await foreach (ArtifactInfo info in storage.Results.ListAsync(folder, cancellationToken))
            names.Add(info.Name);
        return names;
    }
}
