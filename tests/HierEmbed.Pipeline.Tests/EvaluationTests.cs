using System.Globalization;
using System.Text;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Core.Recipes;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class EvaluationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Train_RowsWithLabelsAndTexts_MetricsHoldThemAndTheManifestDoesNot()
    {
        using var bench = new Bench();
        await UploadLabelledAsync(bench, row => $"\"id\":\"r{row}\",\"text\":\"row {row}\",\"label\":\"{(row % 2 == 0 ? "even" : "odd")}\",");
        (RunRecord run, ModelMetrics metrics) = await MetricsAsync(bench);

        EvaluationReport report = metrics.Evaluation!;
        ModelManifest manifest = Assert.Single(await bench.Pipeline.Models.ListVersionsAsync("words", Cancellation));
        Assert.Equal((manifest.Rows.Test, manifest.Rows.Train, manifest.Rows.Total), (report.TestRows, report.FittedRows, report.StoredRows));
        Assert.Equal(2, report.Labels!.Classes);
        Assert.Equal([16, 32], report.Labels.ByBudget.Select(at => at.BudgetBytes));
        Assert.Equal(6, report.Examples.Count);
        Assert.All(report.Examples, example => Assert.StartsWith("row ", example.Full[0].Text, StringComparison.Ordinal));
        // 16 dims are 64 bytes: longer codes are no codes.
        Assert.Equal(["64 bytes: a full vector takes no more.", "128 bytes: a full vector takes no more.", "256 bytes: a full vector takes no more."], report.LeftOut);
        Assert.Equal(metrics.Recall, manifest.Metrics.Recall);
        Assert.True(manifest.Metrics is { Evaluation: null, History: null });
        Assert.Equal(manifest.Metrics.Epochs, metrics.History!.Count);
        Assert.Empty(await bench.NamesAsync(Layout.EvaluationParts(run.RunId)));
    }

    [Fact]
    public async Task Train_LabelsFileOfNoUse_PublishesAndSaysWhy()
    {
        using var bench = new Bench();
        await bench.UploadDatasetAsync("words", rows: 200);
        await bench.UploadAsync("words/labels.txt", "a\nb\n"u8.ToArray());
        (_, ModelMetrics metrics) = await MetricsAsync(bench);

        Assert.Null(metrics.Evaluation!.Labels);
        Assert.Contains("has 2 rows, the dataset 200", metrics.Evaluation.LabelsProblem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_LabelsFileBesideTheData_IsUsed()
    {
        using var bench = new Bench();
        await bench.UploadDatasetAsync("words", rows: 200);
        await bench.UploadAsync("words/labels.txt", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 200).Select(row => $"class {row % 3}"))));
        (_, ModelMetrics metrics) = await MetricsAsync(bench);

        Assert.Null(metrics.Evaluation!.LabelsProblem);
        Assert.Equal(3, metrics.Evaluation.Labels!.Classes);
    }

    [Theory]
    [InlineData(50, 16, """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":2,"batchRows":32}""")]
    [InlineData(50, 2, """{"recipe":"sparse","latentDims":4,"trainKs":[1],"epochs":2,"batchRows":32}""")]
    [InlineData(60, 5, """{"recipe":"pca"}""")]
    [InlineData(60, 64, """{"recipe":"matryoshka","latentDims":64,"epochs":2}""")]
    [InlineData(60, 16, """{"recipe":"seed","epochs":2,"scaleWithInputDims":true}""")]
    [InlineData(60, 16, """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":2,"l2Normalize":false}""")]
    [InlineData(60, 16, """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":2,"testFraction":0,"validationFraction":0.01}""")]
    public async Task Train_TinyDatasetWithOneLabel_PublishesWithWhatCanBeMeasured(int rows, int dims, string recipe)
    {
        using var bench = new Bench();
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(recipe));
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(rows, 1, dims));
        await bench.UploadAsync("words/labels.txt", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat("same", rows))));
        (_, ModelMetrics metrics) = await MetricsAsync(bench);

        EvaluationReport report = metrics.Evaluation!;
        Assert.InRange(report.TestRows, 2, rows);
        Assert.Null(report.Labels);
        Assert.NotNull(report.LabelsProblem);
        Assert.NotEmpty(report.ByK);
        Assert.NotEmpty(report.LeftOut);
        Assert.DoesNotContain(report.LeftOut, reason => reason.Contains("could not be measured", StringComparison.Ordinal));
        EvaluationSummary summary = EvaluationSummary.Of(report);
        Assert.True(summary.Verdict.Length > 20 && summary.Recommendation.Length > 20);
        // Training rows are measured only where nothing else is there, and that is said.
        ModelManifest manifest = Assert.Single(await bench.Pipeline.Models.ListVersionsAsync("words", Cancellation));
        Assert.Equal(manifest.Rows.Test < 12 && manifest.Rows.Validation < 12, report.SeenInTraining);
        Assert.Equal((report.TestRows, report.SeenInTraining), (metrics.EvaluatedRows, metrics.SeenInTraining));
        Assert.Equal(report.SeenInTraining, manifest.Metrics.SeenInTraining);
    }

    [Theory]
    [InlineData("""{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":2,"encoderPrecision":"int8"}""")]
    [InlineData("""{"recipe":"seed","epochs":2,"scaleWithInputDims":true,"encoderPrecision":"int8"}""")]
    public async Task Train_Int8Encoder_IsPublishedWithWhatItCosts(string recipe)
    {
        using var bench = new Bench();
        await bench.UploadDatasetAsync("words", rows: 200, recipe: recipe);
        (_, ModelMetrics metrics) = await MetricsAsync(bench);

        QuantizedEncoderMetrics encoder = metrics.Encoder!;
        Assert.True(encoder.VectorsPerSecond > 0 && encoder.Float32VectorsPerSecond > 0);
        QuantizedCodesAtK at = Assert.Single(encoder.ByK);
        // Of 8 or 4 components one may be another in some rows.
        Assert.InRange(at.Overlap, 0.8, 1);
        Assert.Equal(at.Float32Recall10, at.Recall10, 0.15);
        ModelManifest manifest = Assert.Single(await bench.Pipeline.Models.ListVersionsAsync("words", Cancellation));
        Assert.Equal(EncoderPrecision.Int8, manifest.Recipe.Recipe.EncoderPrecision);
        byte[] graph = await bench.Pipeline.Storage.Results.ReadBytesAsync(Storage.Layout.Version("words", manifest.Version) + Storage.Layout.EncoderFile, Cancellation);
        Assert.Equal(graph.Length, encoder.Bytes);
    }

    [Fact]
    public async Task Train_RowsPastMemory_GivesTheSameReport()
    {
        var reports = new List<string>();
        foreach (long memory in (long[])[1L << 30, 1024])
        {
            HierEmbedOptions options = SmallRuns.ManyPieces;
            options.TrainingMemoryBytes = memory;
            using var bench = new Bench(options);
            // Untrained, so that the order that rows are read in while training decides nothing.
            await bench.UploadDatasetAsync("words", rows: 300, recipe: """{"recipe":"pca"}""");
            await bench.UploadAsync("words/labels.txt", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 300).Select(row => $"class {row % 3}"))));
            (_, ModelMetrics metrics) = await MetricsAsync(bench);
            reports.Add(System.Text.Json.JsonSerializer.Serialize(metrics.Evaluation, Core.Json.Indented));
        }
        Assert.Equal(reports[0], reports[1]);
    }

    /// <summary>A budget that is stored is found, by another host too; one that is not is measured to the same.</summary>
    [Fact]
    public async Task EvaluateBudget_OnTwoHosts_MeasuresOnceAndTheSame()
    {
        using var bench = new Bench();
        await bench.UploadDatasetAsync("words", rows: 200);
        string runId = (await bench.PlanAsync("words"))!;
        await bench.CallAsync<RunInput, StepResult<RunBeginning>>(StepNames.BeginRun, new(runId));
        await bench.CallAsync<PackFileInput, StepResult<PackProgress>>(StepNames.PackFile, new(runId, 0));
        await bench.CallAsync<RunInput, StepResult<FittedRun>>(StepNames.FitScaler, new(runId));
        await bench.CallAsync<TrainChunkInput, StepResult<TrainingProgress>>(StepNames.TrainChunk, new(runId, 0));
        await bench.CallAsync<TrainedInput, StepResult<ExportResult>>(StepNames.ExportModel, new(runId, 0));
        async Task<double?> EvaluateAsync(HierEmbedPipeline host, int bytes) =>
            (await bench.CallAsync<EvaluateBudgetInput, StepResult<EvaluatedBudget>>(StepNames.EvaluateBudget, new(runId, bytes), host)).Value!.Recall10;

        double? first = await EvaluateAsync(bench.Pipeline, 16);
        string part = Layout.EvaluationPart(runId, "16");
        byte[] stored = await bench.Pipeline.Storage.Results.ReadBytesAsync(part, Cancellation);
        IReadOnlyCollection<string> written = bench.WrittenResults();
        Assert.Equal(first, await EvaluateAsync(bench.Pipeline, 16));
        Assert.DoesNotContain(part, written);

        HierEmbedPipeline other = bench.OtherHost();
        Assert.Equal(first, await EvaluateAsync(other, 16));
        await bench.Pipeline.Storage.Results.DeleteAsync(part, null, Cancellation);
        Assert.Equal(first, await EvaluateAsync(other, 16));
        Assert.Equal(stored, await bench.Pipeline.Storage.Results.ReadBytesAsync(part, Cancellation));
        Assert.Null(await EvaluateAsync(other, 64));
    }

    private static async Task UploadLabelledAsync(Bench bench, Func<int, string> said)
    {
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe));
        IEnumerable<string> lines = SmallRows.Values(200, 1).Chunk(SmallRows.Dims).Select((row, i) =>
            $"{{{said(i)}\"emb\":[{string.Join(',', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]}}");
        await bench.UploadAsync("words/a.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }

    private static async Task<(RunRecord Run, ModelMetrics Metrics)> MetricsAsync(Bench bench)
    {
        RunRecord run = await bench.TrainAsync("words");
        Assert.True(run.State == RunState.Published, run.Problem?.Detail);
        string name = Layout.Version("words", run.ModelVersion!) + Layout.MetricsFile;
        return (run, (await bench.Pipeline.Storage.Results.FindJsonAsync<ModelMetrics>(name, Cancellation)).Value!);
    }
}
