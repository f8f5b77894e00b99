using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Serving.Encoders;
using HierEmbed.Storage;
using HierEmbed.Training;
using HierEmbed.Training.Evaluation;
using HierEmbed.Training.Evaluation.Baselines;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>Reads what a run's evaluation works on: drawn rows, and the exported model that is not sealed yet.</summary>
/// <param name="results">The results container.</param>
/// <param name="inputs">Plan and rows.</param>
/// <param name="room">Where rows are held.</param>
/// <param name="options">Threads.</param>
public sealed class EvaluationInputs(IArtifactStore results, RunInputs inputs, TrainingRoom room, HierEmbedOptions options)
{
    /// <summary>Reads rows and model.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="dataset">Its dataset.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>To be disposed after use.</returns>
    public async Task<OpenEvaluation> OpenAsync(string runId, string dataset, RunPlan plan, CancellationToken cancellationToken)
    {
        int seed = (int)(plan.Seed % int.MaxValue);
        RowUse measured = MeasuredRows.UseOf(plan.Rows);
        var drawn = new Dictionary<RowUse, int[]> { [RowUse.Train] = EvenDraw.Of(checked((int)plan.Rows.Train), BaselineCodings.MaxRows, seed) };
        if (measured != RowUse.Train)
            drawn.Add(measured, EvenDraw.Of(checked((int)Count(plan.Rows, measured)), RetrievalOptions.MaxRows, seed));
        Dictionary<RowUse, DrawnRows> rows = await DrawAsync(runId, plan, drawn, cancellationToken);
        EncoderModel? encoder = null;
        try
        {
            Dictionary<RowUse, RowLabels[]>? said = await SaidAsync(runId, plan, rows, cancellationToken);
            encoder = await EncoderAsync(runId, dataset, plan, cancellationToken);
            EvaluatedModel model = await ModelAsync(dataset, plan, encoder, cancellationToken);
            var evaluated = new EvaluatedRows
            {
                Test = All(rows[measured]),
                Training = All(rows[RowUse.Train]),
                TestLabels = said?[measured],
                TrainingLabels = said?[RowUse.Train],
                LabelsProblem = plan.LabelsProblem,
                SeenInTraining = measured == RowUse.Train,
                StoredRows = plan.Rows.Total,
            };
            return new OpenEvaluation(runId, new CodeEvaluation(model, evaluated, seed, options.Threads), [encoder, .. rows.Values]);
        }
        catch
        {
            encoder?.Dispose();
            foreach (DrawnRows held in rows.Values)
                held.Dispose();
            throw;
        }
    }

    private static long Count(RowCounts rows, RowUse use) => use == RowUse.Test ? rows.Test : rows.Validation;

    private static NormalizedRows All(DrawnRows drawn) => new(drawn.Rows, drawn.Rows.Rows, seed: 0);

    private async Task<Dictionary<RowUse, DrawnRows>> DrawAsync(string runId, RunPlan plan, Dictionary<RowUse, int[]> drawn, CancellationToken cancellationToken)
    {
        int dims = plan.Recipe.InputDims;
        long total = drawn.Values.Sum(rows => (long)rows.Length);
        bool inMemory = room.FitsMemory(total, dims);
        room.Require(total, dims, plan.PackedHalf);
        var values = new Dictionary<RowUse, float[]>();
        var files = new Dictionary<RowUse, ScratchRows>();
        try
        {
            foreach ((RowUse use, int[] rows) in drawn)
            {
                if (inMemory)
                    values.Add(use, new float[checked(rows.Length * dims)]);
                else
                    files.Add(use, ScratchRows.Create(room.Folder, rows.Length, dims, plan.PackedHalf));
            }
            var seen = drawn.Keys.ToDictionary(use => use, _ => 0);
            var taken = drawn.Keys.ToDictionary(use => use, _ => 0);
            var positions = drawn.ToDictionary(pair => pair.Key, pair => new long[pair.Value.Length]);
            await inputs.VisitAsync(runId, plan, drawn.Keys, (use, position, row) =>
            {
                int next = taken[use];
                if (next == drawn[use].Length || drawn[use][next] != seen[use]++)
                    return;
                positions[use][next] = position;
                taken[use] = next + 1;
                if (inMemory)
                    row.CopyTo(values[use].AsSpan(next * dims));
                else
                    files[use].Write(next, row);
            }, cancellationToken);
            return drawn.ToDictionary(pair => pair.Key, pair => new DrawnRows(inMemory ? new RowMatrix(values[pair.Key], pair.Value.Length, dims) : files[pair.Key], positions[pair.Key]));
        }
        catch
        {
            foreach (ScratchRows file in files.Values)
                file.Dispose();
            throw;
        }
    }

    /// <summary>What is said of drawn rows, by their files and the labels file that the run began with; null where nothing is.</summary>
    private async Task<Dictionary<RowUse, RowLabels[]>?> SaidAsync(string runId, RunPlan plan, Dictionary<RowUse, DrawnRows> rows, CancellationToken cancellationToken)
    {
        var said = rows.ToDictionary(pair => pair.Key, pair => new RowLabels[pair.Value.Rows.Rows]);
        var next = rows.ToDictionary(pair => pair.Key, _ => 0);
        var blocks = new BlockStore(results, runId);
        long first = 0;
        foreach (PackedBlock block in plan.Blocks)
        {
            bool IsDrawn(RowUse use, long position) => next[use] < said[use].Length && rows[use].Positions[next[use]] == position;
            if (rows.Any(pair => next[pair.Key] < said[pair.Key].Length && pair.Value.Positions[next[pair.Key]] < first + block.Rows))
            {
                await blocks.ReadLabelsAsync(block, (row, of) =>
                {
                    foreach (RowUse use in rows.Keys)
                    {
                        if (IsDrawn(use, first + row))
                            said[use][next[use]++] = of;
                    }
                }, cancellationToken);
            }
            first += block.Rows;
        }
        return said.Values.Any(of => of.Any(row => row != default)) ? said : null;
    }

    /// <summary>The encoder as it was exported.</summary>
    private Task<EncoderModel> EncoderAsync(string runId, string dataset, RunPlan plan, CancellationToken cancellationToken) =>
        EncoderModelLoader.LoadUnsealedAsync(results, UnsealedManifest.Of(runId, dataset, plan), options.Threads, cancellationToken);

    private async Task<EvaluatedModel> ModelAsync(string dataset, RunPlan plan, EncoderModel encoder, CancellationToken cancellationToken)
    {
        string folder = Layout.Version(dataset, plan.Version);
        LinearDecoder? dictionary = CodeEvaluation.Rebuilds(plan.Recipe)
            ? LinearDecoder.Read(new MemoryStream(await results.ReadBytesAsync(folder + Layout.DictionaryFile, cancellationToken), writable: false), $"{dataset}/{plan.Version}")
            : null;
        PackingTable? packing = await results.FindAsync(folder + Layout.PackingFile, cancellationToken) is null ? null
            : PackingTable.Parse(await results.ReadBytesAsync(folder + Layout.PackingFile, cancellationToken), folder + Layout.PackingFile);
        return new EvaluatedModel(plan.Recipe, (rows, count, k) => encoder.EncodeToCodes(rows, count, k), dictionary, packing);
    }
}
