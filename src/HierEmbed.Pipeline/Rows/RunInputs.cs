using HierEmbed.Core.Scaling;
using HierEmbed.Storage;
using HierEmbed.Training;

namespace HierEmbed.Pipeline.Rows;

/// <summary>What the steps after the fitting read back: plan, scaler, rows by use.</summary>
/// <param name="results">The results container.</param>
public sealed class RunInputs(IArtifactStore results)
{
    /// <summary>The plan of a run.</summary>
    public async Task<RunPlan> PlanAsync(string runId, CancellationToken cancellationToken) =>
        (await results.FindJsonAsync<RunPlan>(Layout.Plan(runId), cancellationToken)).Value ?? throw new ArtifactNotFoundException(Layout.Plan(runId));

    /// <summary>The scaler of a run.</summary>
    public async Task<StandardScaler> ScalerAsync(string runId, CancellationToken cancellationToken) =>
        (await results.FindJsonAsync<StoredScaler>(Layout.Scaler(runId), cancellationToken)).Value?.ToScaler() ?? throw new ArtifactNotFoundException(Layout.Scaler(runId));

    /// <summary>What a training ended with: the weights of its best epoch, and the figures of each epoch.</summary>
    public async Task<TrainedCheckpoint> TrainedAsync(string runId, RunPlan plan, int lastChunk, CancellationToken cancellationToken)
    {
        await using Stream stream = await results.OpenReadAsync(Layout.Checkpoint(runId, lastChunk), null, cancellationToken);
        return TrainedCheckpoint.Read(stream, plan.Recipe);
    }

    /// <summary>Rows that were held out for a use; where a small dataset has none of it, the training rows in their place.</summary>
    public async Task<RowMatrix> HeldOutAsync(string runId, RunPlan plan, RowUse use, CancellationToken cancellationToken)
    {
        RowUse there = Count(plan, use) > 0 ? use : Count(plan, RowUse.Validation) > 0 ? RowUse.Validation : RowUse.Train;
        return (await RowsAsync(runId, plan, [there], cancellationToken))[there];
    }

    private static long Count(RunPlan plan, RowUse use) => use switch
    {
        RowUse.Train => plan.Rows.Train,
        RowUse.Validation => plan.Rows.Validation,
        _ => plan.Rows.Test,
    };

    /// <summary>Rows of a run by use, <c>[rows, dims]</c> each, as packed and in the order of files and rows.</summary>
    public async Task<IReadOnlyDictionary<RowUse, RowMatrix>> RowsAsync(string runId, RunPlan plan, IReadOnlyCollection<RowUse> wanted, CancellationToken cancellationToken)
    {
        int dims = plan.Recipe.InputDims;
        var split = new RowSplit(plan.Seed, plan.Recipe.Recipe.ValidationFraction, plan.Recipe.Recipe.TestFraction);
        long[] counts = [plan.Rows.Train, plan.Rows.Validation, plan.Rows.Test];
        var values = wanted.ToDictionary(use => use, use => new float[checked(counts[(int)use] * dims)]);
        var filled = new long[counts.Length];
        long position = 0;
        var blocks = new BlockStore(results, runId);
        foreach (PackedBlock block in plan.Blocks)
        {
            await blocks.ReadAsync(block, batch =>
            {
                for (int row = 0; row < batch.Count; row++, position++)
                {
                    RowUse use = !plan.Recipe.Recipe.SplitsByPosition ? split.Of(batch.Row(row))
                        : position < plan.Rows.Train ? RowUse.Train : RowUse.Validation;
                    if (values.TryGetValue(use, out float[]? target))
                        batch.Row(row).CopyTo(target.AsSpan((int)(filled[(int)use]++ * dims)));
                }
            }, cancellationToken);
        }
        return values.ToDictionary(pair => pair.Key, pair => new RowMatrix(pair.Value, (int)counts[(int)pair.Key], dims));
    }
}
