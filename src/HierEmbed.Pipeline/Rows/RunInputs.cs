using HierEmbed.Core.Scaling;
using HierEmbed.Storage;
using HierEmbed.Training;

namespace HierEmbed.Pipeline.Rows;

/// <summary>What the steps after the fitting read back: plan, scaler, rows by use.</summary>
/// <param name="results">The results container.</param>
/// <param name="room">Where rows are held.</param>
public sealed class RunInputs(IArtifactStore results, TrainingRoom room)
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

    /// <summary>The rows that the model is measured on, as <see cref="MeasuredRows"/> chooses them.</summary>
    /// <returns>The rows, and what holds them.</returns>
    public async Task<(IRowSource Rows, SplitRows Holder)> MeasuredAsync(string runId, RunPlan plan, CancellationToken cancellationToken)
    {
        RowUse use = MeasuredRows.UseOf(plan.Rows);
        SplitRows holder = await RowsAsync(runId, plan, [use], cancellationToken);
        return (holder[use], holder);
    }

    private static long Count(RunPlan plan, RowUse use) => use switch
    {
        RowUse.Train => plan.Rows.Train,
        RowUse.Validation => plan.Rows.Validation,
        _ => plan.Rows.Test,
    };

    /// <summary>Rows of a run by use, read from its blocks once: into memory where they fit, else into scratch files.</summary>
    /// <exception cref="Core.Errors.DatasetException">There is room for them in neither.</exception>
    public async Task<SplitRows> RowsAsync(string runId, RunPlan plan, IReadOnlyCollection<RowUse> wanted, CancellationToken cancellationToken)
    {
        int dims = plan.Recipe.InputDims;
        long total = wanted.Sum(use => Count(plan, use));
        room.Require(total, dims, plan.PackedHalf);
        return room.FitsMemory(total, dims)
            ? await InMemoryAsync(runId, plan, wanted, cancellationToken)
            : await InScratchAsync(runId, plan, wanted, cancellationToken);
    }

    /// <summary>Rows of a use that are spread evenly over all of them, in their order, <c>[count, dims]</c>.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="use">Which.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public async Task<float[]> SampleAsync(string runId, RunPlan plan, RowUse use, int most, CancellationToken cancellationToken)
    {
        int dims = plan.Recipe.InputDims, taken = 0;
        long rows = Count(plan, use), seen = 0, count = Math.Min(most, rows);
        var sample = new float[count * dims];
        await VisitAsync(runId, plan, [use], (_, _, row) =>
        {
            if (seen++ != taken * rows / count)
                return;
            row.CopyTo(sample.AsSpan(taken * dims));
            taken++;
        }, cancellationToken);
        return sample;
    }

    private async Task<SplitRows> InMemoryAsync(string runId, RunPlan plan, IReadOnlyCollection<RowUse> wanted, CancellationToken cancellationToken)
    {
        int dims = plan.Recipe.InputDims;
        var values = wanted.ToDictionary(use => use, use => new float[checked(Count(plan, use) * dims)]);
        var filled = wanted.ToDictionary(use => use, _ => 0);
        await VisitAsync(runId, plan, wanted, (use, _, row) =>
        {
            row.CopyTo(values[use].AsSpan(filled[use]));
            filled[use] += dims;
        }, cancellationToken);
        return new SplitRows(values.ToDictionary(pair => pair.Key, IRowSource (pair) => new RowMatrix(pair.Value, (int)Count(plan, pair.Key), dims)));
    }

    private async Task<SplitRows> InScratchAsync(string runId, RunPlan plan, IReadOnlyCollection<RowUse> wanted, CancellationToken cancellationToken)
    {
        int dims = plan.Recipe.InputDims;
        var files = new Dictionary<RowUse, IRowSource>();
        var split = new SplitRows(files);
        try
        {
            var places = new Dictionary<RowUse, (ScratchRows File, InterleavedOrder Order, int Row)>();
            foreach (RowUse use in wanted)
            {
                int rows = checked((int)Count(plan, use));
                ScratchRows file = ScratchRows.Create(room.Folder, rows, dims, plan.PackedHalf);
                files[use] = file;
                places[use] = (file, new InterleavedOrder(rows, plan.Seed), 0);
            }
            await VisitAsync(runId, plan, wanted, (use, _, values) =>
            {
                (ScratchRows file, InterleavedOrder order, int row) = places[use];
                file.Write(order.PlaceOf(row), values);
                places[use] = (file, order, row + 1);
            }, cancellationToken);
            return split;
        }
        catch
        {
            split.Dispose();
            throw;
        }
    }

    /// <summary>Takes a row of a run.</summary>
    /// <param name="use">Its use.</param>
    /// <param name="position">Its place among all rows of the run.</param>
    /// <param name="row">Its values as packed, <c>[dims]</c>.</param>
    internal delegate void RowVisitor(RowUse use, long position, ReadOnlySpan<float> row);

    /// <summary>Reads all blocks, and shows the rows of the uses that are wanted.</summary>
    internal async Task VisitAsync(string runId, RunPlan plan, IReadOnlyCollection<RowUse> wanted, RowVisitor visit, CancellationToken cancellationToken)
    {
        var split = new RowSplit(plan.Seed, plan.Recipe.Recipe.ValidationFraction, plan.Recipe.Recipe.TestFraction);
        var seen = new long[Enum.GetValues<RowUse>().Length];
        long position = 0;
        var blocks = new BlockStore(results, runId);
        foreach (PackedBlock block in plan.Blocks)
        {
            await blocks.ReadAsync(block, plan.Recipe.InputDims, batch =>
            {
                for (int row = 0; row < batch.Count; row++, position++)
                {
                    RowUse use = !plan.Recipe.Recipe.SplitsByPosition ? split.Of(batch.Row(row))
                        : position < plan.Rows.Train ? RowUse.Train : RowUse.Validation;
                    // More of a use than were packed: the block is damaged, which is found at its end.
                    if (wanted.Contains(use) && seen[(int)use]++ < Count(plan, use))
                        visit(use, position, batch.Row(row));
                }
            }, cancellationToken);
        }
    }
}
