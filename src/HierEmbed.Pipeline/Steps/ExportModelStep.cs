using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Options;
using HierEmbed.Core.Scaling;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Serving.Coding;
using HierEmbed.Serving.Encoders;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using HierEmbed.Training;
using HierEmbed.Training.Export;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of the steps after training.</summary>
/// <param name="RunId">The run.</param>
/// <param name="LastChunk">Number of the chunk that training ended with.</param>
public sealed record TrainedInput(string RunId, int LastChunk) : IRunInput;

/// <summary>What the export checked.</summary>
/// <param name="Deviation">Largest difference of pre-activations between the graph and the trained network.</param>
public sealed record ExportResult(double Deviation);

/// <summary>Exports the encoder to ONNX with normalization and scaler inside, the dictionary and its packing formats beside it; refuses a graph that computes something else.</summary>
public sealed class ExportModelStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs, HierEmbedOptions options) : RunStep<TrainedInput, ExportResult>(StepNames.ExportModel, "export", runs)
{
    /// <summary>Training rows that the levels of packed codes are fitted on.</summary>
    private const int PackingRows = 512;

    /// <inheritdoc />
    protected override async Task<StepResult<ExportResult>> ExecuteAsync(TrainedInput input, RunRecord run, CancellationToken cancellationToken)
    {
        RunPlan plan = await inputs.PlanAsync(input.RunId, cancellationToken);
        StandardScaler scaler = await inputs.ScalerAsync(input.RunId, cancellationToken);
        TrainedNetwork network = (await inputs.TrainedAsync(input.RunId, plan, input.LastChunk, cancellationToken)).Network;
        (IRowSource measured, SplitRows holder) = await inputs.MeasuredAsync(input.RunId, plan, cancellationToken);
        using SplitRows held = holder;

        using var graph = new MemoryStream();
        OnnxEncoder.Write(graph, network, scaler, plan.Recipe, $"{run.Dataset}/{plan.Version}");
        double deviation = EncoderParity.Check(graph.ToArray(), network, scaler, plan.Recipe, measured);
        string folder = Layout.Version(run.Dataset, plan.Version);
        // If absent: of two runs with the same content the first one's files stay, whole and of one making.
        await storage.Results.WriteBytesAsync(folder + Layout.EncoderFile, graph.ToArray(), WriteCondition.IfAbsent, cancellationToken);
        await storage.Results.WriteAsync(folder + Layout.DictionaryFile, (stream, _) =>
        {
            DictionaryFile.Write(stream, network, scaler, plan.Recipe);
            return Task.CompletedTask;
        }, WriteCondition.IfAbsent, cancellationToken);
        if (DictionaryLoader.HasPursuit(plan.Recipe) && await storage.Results.FindAsync(folder + Layout.PackingFile, cancellationToken) is null)
        {
            PackingTable packing = await FitPackingAsync(input.RunId, plan, $"{run.Dataset}/{plan.Version}", folder, cancellationToken);
            await storage.Results.WriteBytesAsync(folder + Layout.PackingFile, packing.ToJson(), WriteCondition.IfAbsent, cancellationToken);
        }
        return StepResult.Of(new ExportResult(deviation));
    }

    /// <summary>Fits levels once, with the dictionary that stands there, so that all codes of a length are packed alike, whenever their rows come.</summary>
    private async Task<PackingTable> FitPackingAsync(string runId, RunPlan plan, string modelId, string folder, CancellationToken cancellationToken)
    {
        LinearDecoder dictionary = LinearDecoder.Read(await storage.Results.OpenReadAsync(folder + Layout.DictionaryFile, null, cancellationToken), modelId);
        float[] rows = await inputs.SampleAsync(runId, plan, RowUse.Train, PackingRows, cancellationToken);
        var coding = new PursuitCoding(dictionary, options.Threads);
        return PackingTable.Fit(dictionary.LatentDims, PackingTable.Budgets.Append(options.BytesPerVector), k => coding.Encode(rows, rows.Length / dictionary.InputDims, k),
            options.CodesK is { } components ? Math.Min(components, dictionary.LatentDims) : null);
    }
}
