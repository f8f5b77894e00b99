using System.Text.Json;
using HierEmbed.Cli.Evaluation;
using HierEmbed.Cli.Tests.Support;
using HierEmbed.Core;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;

namespace HierEmbed.Cli.Tests;

public sealed class EvaluateTests(TrainedModel trained)
{
    // The model is of 16 dims: a full vector takes 64 bytes.
    [Fact]
    public async Task Evaluate_FilesOfTheTraining_GivesTheFiguresOfItsOwnEvaluation()
    {
        EvaluationReport report = await ReportAsync(trained.Model, trained.Vectors);

        ModelMetrics metrics = JsonSerializer.Deserialize<ModelMetrics>(await File.ReadAllBytesAsync(Path.Combine(trained.Model, "metrics.json"), TestContext.Current.CancellationToken), Json.Compact)!;
        Assert.Equal(JsonSerializer.Serialize(metrics.Evaluation, Json.Compact), JsonSerializer.Serialize(report, Json.Compact));
        Assert.Equal([16, 32], metrics.Recall!.Select(at => at.BytesPerVector));
        Assert.Equal(metrics.Epochs, metrics.History!.Count);
        ModelManifest manifest = JsonSerializer.Deserialize<ModelManifest>(await File.ReadAllBytesAsync(Path.Combine(trained.Model, "manifest.json"), TestContext.Current.CancellationToken), Json.Compact)!;
        Assert.Equal(manifest.Rows.Test, report.TestRows);
        Assert.Equal(manifest.Rows.Train, report.FittedRows);
        Assert.Equal(metrics.Recall, manifest.Metrics.Recall);
        Assert.True(manifest.Metrics is { History: null, Evaluation: null });
    }

    [Fact]
    public async Task Evaluate_Text_BeginsWithTheVerdictAndShowsEveryMethod()
    {
        Finished evaluated = (await Hierembed.RunAsync("evaluate", trained.Model, trained.Vectors, "--bytes", "8,16")).Expect(0);
        Assert.StartsWith("At ", evaluated.Out, StringComparison.Ordinal);
        foreach (string method in (string[])["pursuit codes", "truncation", "sign bits", "ITQ", "signed PCA", "bit-allocated PCA", "PQ", "reranked 100", "code cosine"])
            Assert.Contains(method, evaluated.Out, StringComparison.Ordinal);
        Assert.Matches("method +8 B +16 B", evaluated.Out);
    }

    [Theory]
    [InlineData("0@16B", 0, "")]
    [InlineData("0@16B 0.1@32B", 0, "")]
    [InlineData("1@8B", 3, "error: recall@10 at 8 bytes is 0.")]
    [InlineData("0@16B 1@8B", 3, "below the 1 that --min-recall asks for")]
    [InlineData("0.5@64B", 3, "error: recall@10 at 64 bytes was not measured; expected at least 0.5. 64 bytes: a full vector takes no more.")]
    [InlineData("0.9@32", 2, "--min-recall is \"0.9@32\"; expected a recall from 0 to 1")]
    [InlineData("1.5@32B", 2, "--min-recall is \"1.5@32B\"")]
    public async Task Evaluate_MinRecall_DecidesTheExitCode(string floors, int exitCode, string said)
    {
        Finished evaluated = (await Hierembed.RunAsync(["evaluate", trained.Model, trained.Vectors, "--bytes", "16", "--min-recall", .. floors.Split(' ')])).Expect(exitCode);
        Assert.Contains(said, evaluated.Error, StringComparison.Ordinal);
    }

    [Theory]
    // Of eleven others any ten hold nine of the ten nearest.
    [InlineData(8, false, 0, true)]
    [InlineData(12, false, 0.9, true)]
    [InlineData(12, false, 0.95, false)]
    [InlineData(12, false, 0, false)]
    [InlineData(20, false, 0.1, true)]
    [InlineData(21, false, 0.1, false)]
    [InlineData(60, true, 0.1, true)]
    [InlineData(60, false, 0.1, false)]
    public async Task RecallFloor_TooFewRowsOrSeenOnes_IsNotMet(int rows, bool seen, double floor, bool refused)
    {
        EvaluationReport report = await ReportAsync(trained.Model, trained.Vectors, "--bytes", "16");
        ComparedFigures own = report.Comparison.Figures[0];
        report = report with { TestRows = rows, SeenInTraining = seen, Comparison = report.Comparison with { Figures = [own with { Figures = own.Figures with { Recall10 = 1 } }] } };
        string? shortfall = new RecallFloor(floor, 16).Shortfall(report);
        Assert.Equal(refused, shortfall is not null);
        Assert.True(!refused || shortfall!.Contains(seen ? "rows that training saw" : "says nothing", StringComparison.Ordinal));
    }

    /// <summary>Sixty rows have a handful held out: training and evaluate measure the training rows, and both say so.</summary>
    [Fact]
    public async Task Evaluate_FilesOfASmallTraining_MeasuresTheSameRowsAndMeetsNoFloor()
    {
        using var folder = new TemporaryFolder();
        string vectors = SmallRows.WriteNpy(folder.At("vectors.npy"), 60);
        Finished made = (await Hierembed.RunAsync(["train", vectors, "--out", folder.At("model"), .. SmallRows.Recipe])).Expect(0);
        ModelMetrics metrics = JsonSerializer.Deserialize<ModelMetrics>(await File.ReadAllBytesAsync(folder.At("model/metrics.json"), TestContext.Current.CancellationToken), Json.Compact)!;
        EvaluationReport own = metrics.Evaluation!;
        Assert.True(own.SeenInTraining && metrics.SeenInTraining);
        Assert.Equal(own.TestRows, metrics.EvaluatedRows);
        Assert.Contains($"on {own.TestRows} rows that training saw, for want of others:", made.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("never saw", made.Out, StringComparison.Ordinal);

        EvaluationReport report = await ReportAsync(folder.At("model"), vectors);
        Assert.Equal(JsonSerializer.Serialize(own, Json.Compact), JsonSerializer.Serialize(report, Json.Compact));
        Finished refused = (await Hierembed.RunAsync("evaluate", folder.At("model"), vectors, "--bytes", "16", "--min-recall", "0.1@16B")).Expect(3);
        Assert.Contains("was measured on rows that training saw", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.9@32B", 0.9, 32)]
    [InlineData("1@4B", 1, 4)]
    [InlineData("0@256B", 0, 256)]
    [InlineData(".85@16B", 0.85, 16)]
    public void RecallFloor_Parse_ReadsRecallAndBytes(string text, double recall, int bytes) => Assert.Equal(new RecallFloor(recall, bytes), RecallFloor.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0.9")]
    [InlineData("0.9@")]
    [InlineData("0.9@B")]
    [InlineData("0.9@0B")]
    [InlineData("-0.1@32B")]
    [InlineData("NaN@32B")]
    [InlineData("0,9@32B")]
    [InlineData("0.9@32B@32B")]
    [InlineData("90%@32B")]
    public void RecallFloor_Parse_RefusesTheRest(string text) => Assert.Null(RecallFloor.Parse(text));

    [Fact]
    public async Task Evaluate_NewFilesWithFitOn_MeasuresEveryRowThatIsNoTrainingRow()
    {
        using var folder = new TemporaryFolder();
        string fresh = SmallRows.WriteNpy(folder.At("fresh.npy"), 90, seed: 77);
        // Alone, most of its rows are ones that the split would have trained on.
        EvaluationReport alone = await ReportAsync(trained.Model, fresh, "--bytes", "16");
        Assert.InRange(alone.TestRows, 2, 40);

        EvaluationReport whole = await ReportAsync(trained.Model, fresh, "--fit-on", trained.Vectors, "--bytes", "16");
        ModelMetrics metrics = JsonSerializer.Deserialize<ModelMetrics>(await File.ReadAllBytesAsync(Path.Combine(trained.Model, "metrics.json"), TestContext.Current.CancellationToken), Json.Compact)!;
        Assert.Equal((90, metrics.Evaluation!.FittedRows), (whole.TestRows, whole.FittedRows));

        // With the training's files the rows that it saw stay out; those held out are measured, validation rows among them.
        EvaluationReport held = await ReportAsync(trained.Model, trained.Vectors, "--fit-on", trained.Vectors, "--bytes", "16");
        Assert.Equal(400 - metrics.Evaluation.FittedRows, held.TestRows);

        // Fitted on other rows than the training's, only what the split holds out is known to be unseen.
        EvaluationReport other = await ReportAsync(trained.Model, fresh, "--fit-on", SmallRows.WriteNpy(folder.At("other.npy"), 200, seed: 78), "--bytes", "16");
        Assert.InRange(other.TestRows, 2, 40);
    }

    [Fact]
    public async Task Evaluate_Labels_AreTakenFromTheFileOrTheRows()
    {
        using var folder = new TemporaryFolder();
        folder.Write("labels.txt", string.Join('\n', Enumerable.Range(0, 400).Select(row => $"centre {row % 8}")));
        EvaluationReport labelled = await ReportAsync(trained.Model, trained.Vectors, "--labels", folder.At("labels.txt"), "--bytes", "16");
        Assert.Equal(8, labelled.Labels!.Classes);
        Assert.InRange(labelled.Labels.Full.LogisticAccuracy, 0.9, 1);
        Assert.Equal([16], labelled.Labels.ByBudget.Select(at => at.BudgetBytes));

        folder.Write("few.txt", "a\nb");
        Finished refused = (await Hierembed.RunAsync("evaluate", trained.Model, trained.Vectors, "--labels", folder.At("few.txt"))).Expect(3);
        Assert.Contains("few.txt has 2 rows, the dataset 400", refused.Error, StringComparison.Ordinal);
        (await Hierembed.RunAsync("evaluate", trained.Model, trained.Vectors, "--labels", folder.At("none.txt"))).Expect(3);
    }

    [Fact]
    public async Task Evaluate_FolderWithLabels_UsesThemAsTrainDoes()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("set"));
        File.Copy(trained.Vectors, folder.At("set/vectors.npy"));
        folder.Write("set/labels.txt", string.Join('\n', Enumerable.Range(0, 400).Select(row => $"centre {row % 8}")));
        Assert.Equal(8, (await ReportAsync(trained.Model, folder.At("set"), "--bytes", "16")).Labels!.Classes);

        folder.Write("other.txt", string.Join('\n', Enumerable.Range(0, 400).Select(row => $"centre {row % 2}")));
        Assert.Equal(2, (await ReportAsync(trained.Model, folder.At("set"), "--labels", folder.At("other.txt"), "--bytes", "16")).Labels!.Classes);

        // Found and not asked for: no reason to measure nothing.
        foreach ((string content, string said) in new[] { ("a\nb", "labels.txt has 2 rows, the dataset 400"), ("", "labels.txt") })
            await SaysAsync(content, said);
        folder.Write("set/labels.csv", "a");
        Assert.Contains("both hold labels", (await Hierembed.RunAsync("evaluate", trained.Model, folder.At("set"))).Expect(2).Error, StringComparison.Ordinal);

        async Task SaysAsync(string content, string said)
        {
            folder.Write("set/labels.txt", content);
            EvaluationReport report = await ReportAsync(trained.Model, folder.At("set"), "--bytes", "16");
            Assert.Null(report.Labels);
            Assert.Contains(said, report.LabelsProblem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Evaluate_OtherDimensionsOrNoUnseenRows_IsRefusedWithTheReason()
    {
        using var folder = new TemporaryFolder();
        Finished wide = (await Hierembed.RunAsync("evaluate", trained.Model, SmallRows.WriteNpy(folder.At("wide.npy"), 50, dims: 20))).Expect(3);
        Assert.Contains("wide.npy: the file has 20 dimensions", wide.Error, StringComparison.Ordinal);

        Finished unseen = (await Hierembed.RunAsync("evaluate", trained.Model, SmallRows.WriteNpy(folder.At("two.npy"), 2))).Expect(3);
        Assert.Contains("known to be unseen", unseen.Error, StringComparison.Ordinal);
        Assert.InRange(unseen.Error.Trim().Length, 40, 308);

        Finished bytes = (await Hierembed.RunAsync("evaluate", trained.Model, trained.Vectors, "--bytes", "16,x")).Expect(2);
        Assert.Contains("--bytes is \"16,x\"", bytes.Error, StringComparison.Ordinal);
        (await Hierembed.RunAsync("evaluate", folder.At("nowhere"), trained.Vectors)).Expect(3);
    }

    [Fact]
    public async Task Evaluate_RecipeSeed_TellsUnseenRowsByTheirPlace()
    {
        using var folder = new TemporaryFolder();
        string vectors = SmallRows.WriteNpy(folder.At("vectors.npy"), 300, dims: 64);
        (await Hierembed.RunAsync("train", vectors, "--out", folder.At("model"), "--recipe", "seed", "--set", "epochs=2", "scaleWithInputDims=true")).Expect(0);

        EvaluationReport report = await ReportAsync(folder.At("model"), vectors, "--bytes", "16");
        Assert.Equal((60, 240), (report.TestRows, report.FittedRows));
        Assert.Equal(30, report.Notebook!.Pairs);
        Assert.Equal("encoder codes", report.Comparison.Figures[0].Figures.Cost.Method);

        string fresh = SmallRows.WriteNpy(folder.At("fresh.npy"), 100, dims: 64, seed: 5);
        Finished refused = (await Hierembed.RunAsync("evaluate", folder.At("model"), fresh)).Expect(3);
        Assert.Contains("it cannot be told which are unseen", refused.Error, StringComparison.Ordinal);
        Assert.InRange(refused.Error.Trim().Length, 40, 308);
        Assert.Equal(100, (await ReportAsync(folder.At("model"), fresh, "--fit-on", vectors, "--bytes", "16")).TestRows);
    }

    private static async Task<EvaluationReport> ReportAsync(params string[] arguments) =>
        JsonSerializer.Deserialize<EvaluationReport>((await Hierembed.RunAsync(["evaluate", .. arguments, "--json"])).Expect(0).Out, Json.Compact)!;
}
