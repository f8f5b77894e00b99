using HierEmbed.Core.Options;
using HierEmbed.Core.Scaling;
using HierEmbed.Training;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Prepared rows of the run that trained last, kept between its chunks. May be used by several threads at once.</summary>
/// <param name="inputs">Reads rows and scaler.</param>
/// <param name="options">The cap of memory.</param>
public sealed class KeptRows(RunInputs inputs, HierEmbedOptions options)
{
    private readonly Lock gate = new();
    private SharedRows? kept;

    /// <summary>The rows of a run, to be disposed after use; loaded where they are not those that are kept. One caller at a time: it has all memory for rows.</summary>
    public async Task<SharedRows> OpenAsync(string runId, RunPlan plan, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (kept?.RunId == runId)
                return kept.Share();
        }
        // Before others are loaded: memory has room for those of one run.
        Keep(null);
        SharedRows loaded = await LoadAsync(runId, plan, cancellationToken);
        Keep(loaded.Share());
        return loaded;
    }

    /// <summary>Lets the rows of a run go that has ended; a training that still reads them keeps them until it is done.</summary>
    public void Forget(string runId)
    {
        lock (gate)
        {
            if (kept?.RunId == runId)
                Keep(null);
        }
    }

    private void Keep(SharedRows? rows)
    {
        lock (gate)
        {
            kept?.Dispose();
            kept = rows;
        }
    }

    private async Task<SharedRows> LoadAsync(string runId, RunPlan plan, CancellationToken cancellationToken)
    {
        StandardScaler scaler = await inputs.ScalerAsync(runId, cancellationToken);
        SplitRows split = await inputs.RowsAsync(runId, plan, [RowUse.Train, RowUse.Validation], cancellationToken);
        IRowSource validation = split[RowUse.Validation].Rows > 0 ? split[RowUse.Validation] : split[RowUse.Train];
        TrainingRows? rows = null;
        try
        {
            rows = TrainingRows.Prepare(split[RowUse.Train], validation, scaler, plan.Recipe, options.TrainingMemoryBytes, inPlace: true);
            return new SharedRows(runId, rows, rows.IsResident ? null : split);
        }
        finally
        {
            // Rows in memory need their source no more.
            if (rows is not { IsResident: false })
                split.Dispose();
        }
    }
}
