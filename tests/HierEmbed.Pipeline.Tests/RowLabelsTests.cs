using System.Globalization;
using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class RowLabelsTests : IDisposable
{
    private const int FileRows = 200;
    private readonly Bench bench = new(SmallRuns.ManyPieces);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pack_RowsWithLabels_AreKeptWithTheirRowsAndChangeNoVersion()
    {
        await UploadAsync(row => row % 3 == 0 ? null : $"\"id\":\"r{row}\",\"text\":\"{new string('t', 3000)}\",\"label\":{row % 5},");
        (string runId, RunPlan plan) = await FittedAsync();

        RowLabels[] labels = await LabelsAsync(runId, plan);

        Assert.Equal(FileRows - 2, labels.Length);
        Assert.Equal(Expected(row => row % 3 == 0 ? default : new($"r{row}", new string('t', 1000), (row % 5).ToString(CultureInfo.InvariantCulture))), labels);
        Assert.All(plan.Blocks, block => Assert.NotNull(block.LabelsSha256));
        await UploadAsync(_ => null);
        Assert.Equal(plan.Version, (await FittedAsync()).Plan.Version);
    }

    [Fact]
    public async Task Pack_RowsWithoutLabels_KeepNoFileUnlessRowsWereLeftOut()
    {
        await UploadAsync(_ => null);
        (string runId, RunPlan plan) = await FittedAsync();

        // The rows left out are the first of all and one of the second block.
        Assert.Equal([false, true, false, false], plan.Blocks.Select(block => block.LabelsSha256 is not null));
        Assert.Equal([1L, 65, 130, 194], plan.Blocks.Select(block => block.FirstRow));
        Assert.All(await LabelsAsync(runId, plan), said => Assert.Equal(default, said));
    }

    [Theory]
    [InlineData("labels.txt")]
    [InlineData("labels.jsonl")]
    [InlineData("labels.json")]
    [InlineData("labels.csv")]
    public async Task Read_LabelsFileByOrder_CountsRejectedRowsOverAllFiles(string file)
    {
        await UploadAsync(row => row % 2 == 0 ? null : "\"text\":\"own\",\"label\":\"own\",");
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(50, 2));
        string[] all = [.. Enumerable.Range(0, FileRows + 50).Select(row => $"c{row}")];
        await bench.UploadAsync($"words/{file}", Encoding.UTF8.GetBytes(Path.GetExtension(file) switch
        {
            ".txt" => string.Join('\n', all),
            ".jsonl" => string.Join('\n', all.Select(label => $"{{\"label\":\"{label}\"}}")),
            ".json" => $"[{string.Join(',', all.Select(label => $"\"{label}\""))}]",
            _ => "label\n" + string.Join('\n', all),
        }));
        (string runId, RunPlan plan) = await FittedAsync(files: 2);

        RowLabels[] merged = await LabelsAsync(runId, plan);

        Assert.Null(plan.LabelsProblem);
        Assert.All(plan.Blocks, block => Assert.True(block.LabelsMerged));
        Assert.Equal([.. Expected(row => new(null, row % 2 == 0 ? null : "own", $"c{row}")), .. Enumerable.Range(FileRows, 50).Select(row => new RowLabels(null, null, $"c{row}"))], merged);
    }

    [Fact]
    public async Task Read_LabelsFileWithIds_MatchesThemInAnyOrder()
    {
        await UploadAsync(row => $"\"id\":\"r{row}\",\"label\":\"own\",");
        await bench.UploadAsync("words/labels.csv", Encoding.UTF8.GetBytes("id,label,title\n" + string.Join('\n', Enumerable.Range(0, 100).Reverse().Select(row => $"r{row},file,t{row}")) + "\nnone,x,x"));
        (string runId, RunPlan plan) = await FittedAsync();

        RowLabels[] merged = await LabelsAsync(runId, plan);

        Assert.Null(plan.LabelsProblem);
        Assert.Equal(Expected(row => row < 100 ? new($"r{row}", $"t{row}", "file") : new($"r{row}", null, "own")), merged);
    }

    /// <summary>The line at the place of a row without an id is another row's.</summary>
    [Fact]
    public async Task Read_SomeRowsHaveNoIds_MatchNoLineByOrder()
    {
        await UploadAsync(row => row % 2 == 0 ? "\"label\":\"own\"," : $"\"id\":\"r{row}\",\"label\":\"own\",");
        await bench.UploadAsync("words/labels.csv", Encoding.UTF8.GetBytes("id,label\n" + string.Join('\n', Enumerable.Range(0, FileRows).Reverse().Select(row => $"{(row % 10 == 9 ? "" : $"r{row}")},f{row}"))));
        (string runId, RunPlan plan) = await FittedAsync();

        Assert.Null(plan.LabelsProblem);
        Assert.Equal(Expected(row => new(row % 2 == 0 ? null : $"r{row}", null, row % 2 == 0 || row % 10 == 9 ? "own" : $"f{row}")), await LabelsAsync(runId, plan));
    }

    [Fact]
    public async Task Read_NoRowHasAnId_TheFilesIdsBecomeTheRows()
    {
        await UploadAsync(_ => null);
        await bench.UploadAsync("words/labels.csv", Encoding.UTF8.GetBytes("id,label\n" + string.Join('\n', Enumerable.Range(0, FileRows).Select(row => $"w{row},f{row}"))));
        (string runId, RunPlan plan) = await FittedAsync();

        Assert.Null(plan.LabelsProblem);
        Assert.Equal(Expected(row => new($"w{row}", null, $"f{row}")), await LabelsAsync(runId, plan));
    }

    [Theory]
    [InlineData("labels.txt", "a\nb\n", false, "has 2 rows, the dataset 200")]
    [InlineData("labels.csv", "id,label\nq,x\n", true, "has 1 rows, the dataset 200")]
    [InlineData("labels.jsonl", "{\"id\":", true, "line 1 is not a JSON value")]
    [InlineData("labels.jsonl", "{\"label\":\"\\ud800\"}", false, "not valid Unicode")]
    [InlineData("labels.txt", "", false, "says nothing")]
    [InlineData("labels.md", "# x", false, "labels are read from")]
    public async Task Open_LabelsFileIsOfNoUse_SaysWhyAndChangesNothing(string file, string content, bool ids, string said)
    {
        await UploadAsync(row => ids ? $"\"id\":\"r{row}\",\"label\":\"own\"," : "\"label\":\"own\",");
        await bench.UploadAsync($"words/{file}", Encoding.UTF8.GetBytes(content));
        (string runId, RunPlan plan) = await FittedAsync();

        RowLabels[] merged = await LabelsAsync(runId, plan);

        Assert.All(plan.Blocks, block => Assert.False(block.LabelsMerged));
        Assert.Contains(said, plan.LabelsProblem, StringComparison.Ordinal);
        Assert.InRange(plan.LabelsProblem!.Length, 40, 300);
        Assert.All(merged, row => Assert.Equal("own", row.Label));
    }

    [Fact]
    public async Task Open_TwoLabelsFiles_NamesBoth()
    {
        await UploadAsync(_ => null);
        await bench.UploadAsync("words/labels.csv", "label\nx"u8.ToArray());
        await bench.UploadAsync("words/labels.txt", "x"u8.ToArray());
        (_, RunPlan plan) = await FittedAsync();


        Assert.Equal("words/labels.csv and words/labels.txt both hold labels. Keep one of them.", plan.LabelsProblem);
    }

    /// <summary>Behind a file that is left out nobody knows how many rows there were: those before it still match by id, not by order.</summary>
    [Fact]
    public async Task Read_AFileBeforeWasLeftOut_OrderTellsNothing()
    {
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe[..^1] + ",\"onBadFile\":\"skip\"}"));
        await bench.UploadAsync("words/a.npy", "no rows"u8.ToArray());
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(60, 2));
        await bench.UploadAsync("words/labels.txt", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat("x", 60))));
        (string runId, RunPlan plan) = await FittedAsync(files: 2);
        Assert.Null(plan.Blocks[0].FirstRow);

        Assert.All(await LabelsAsync(runId, plan), row => Assert.Equal(default, row));

        Assert.Contains("files were left out", plan.LabelsProblem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(-3)]
    public async Task Read_WhatWasPackedIsDamaged_IsRefusedByName(int at)
    {
        await UploadAsync(row => $"\"id\":\"r{row}\",");
        (string runId, RunPlan plan) = await FittedAsync();
        string name = Layout.BlockLabels(runId, 0, 1);
        byte[] bytes = await bench.Pipeline.Storage.Results.ReadBytesAsync(name, Cancellation);
        bytes[at < 0 ? bytes.Length + at : at] ^= 1;
        await bench.Pipeline.Storage.Results.WriteBytesAsync(name, bytes, WriteCondition.Always, Cancellation);

        ModelException e = await Assert.ThrowsAsync<ModelException>(() => LabelsAsync(runId, plan));

        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    /// <summary>Steps that work by the plan must not find another under them; a run that is started again makes its own.</summary>
    [Fact]
    public async Task Fit_LabelsFileIsEditedMeanwhile_PlanStaysUntilTheRunIsStartedAgain()
    {
        await UploadAsync(_ => null);
        await bench.UploadAsync("words/labels.txt", Labels("before"));
        (string runId, RunPlan plan) = await FittedAsync();
        await bench.UploadAsync("words/labels.txt", Labels("after"));

        await bench.CallAsync<RunInput, StepResult<FittedRun>>(StepNames.FitScaler, new(runId));
        RunPlan again = (await bench.Pipeline.Storage.Results.FindJsonAsync<RunPlan>(Layout.Plan(runId), Cancellation)).Value!;
        Assert.Equal(plan.Blocks, again.Blocks);
        Assert.All(await LabelsAsync(runId, again), row => Assert.Equal("before", row.Label));

        await bench.Pipeline.Runs.UpdateAsync(runId, run => run with { State = RunState.Failed }, Cancellation);
        await bench.Pipeline.Runs.RestartAsync(runId, Cancellation);
        (_, RunPlan restarted) = await FittedAsync();
        Assert.All(await LabelsAsync(runId, restarted), row => Assert.Equal("after", row.Label));

        static byte[] Labels(string label) => Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(label, FileRows)));
    }

    /// <summary>Another host that cleared the rows up takes what was merged with them.</summary>
    [Fact]
    public async Task Fit_MergedLabelsWereClearedAway_AreMadeAgain()
    {
        await UploadAsync(_ => null);
        await bench.UploadAsync("words/labels.txt", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat("x", FileRows))));
        (string runId, RunPlan plan) = await FittedAsync();
        PackedBlock block = plan.Blocks[^1];
        await bench.Pipeline.Storage.Results.DeleteAsync(Layout.MergedLabels(runId, block.File, block.Block, block.LabelsSha256!), null, Cancellation);

        (_, RunPlan again) = await FittedAsync();

        Assert.All(await LabelsAsync(runId, again), row => Assert.Equal("x", row.Label));
    }

    public void Dispose() => bench.Dispose();

    /// <summary>A file whose rows 0 and 100 are rejected.</summary>
    private async Task UploadAsync(Func<int, string?> said)
    {
        float[] values = SmallRows.Values(FileRows, 1);
        IEnumerable<string> lines = values.Chunk(SmallRows.Dims).Select((row, i) =>
            $"{{{said(i)}\"emb\":[{(i is 0 or 100 ? "null," : "")}{string.Join(',', row.Skip(i is 0 or 100 ? 1 : 0).Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]}}");
        await bench.UploadAsync("words/a.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }

    private static RowLabels[] Expected(Func<int, RowLabels> said) => [.. Enumerable.Range(0, FileRows).Where(row => row is not (0 or 100)).Select(said)];

    private async Task<(string RunId, RunPlan Plan)> FittedAsync(int files = 1)
    {
        string runId = (await bench.PlanAsync("words"))!;
        for (int file = 0; file < files; file++)
        {
            while (!(await bench.CallAsync<PackFileInput, StepResult<PackProgress>>(StepNames.PackFile, new(runId, file))).Value!.Done)
            {
            }
        }
        Assert.NotNull((await bench.CallAsync<RunInput, StepResult<FittedRun>>(StepNames.FitScaler, new(runId))).Value);
        return (runId, (await bench.Pipeline.Storage.Results.FindJsonAsync<RunPlan>(Layout.Plan(runId), Cancellation)).Value!);
    }

    private async Task<RowLabels[]> LabelsAsync(string runId, RunPlan plan)
    {
        var found = new List<RowLabels>();
        var store = new BlockStore(bench.Pipeline.Storage.Results, runId);
        foreach (PackedBlock block in plan.Blocks)
        {
            int before = found.Count;
            await store.ReadLabelsAsync(block, (row, said) =>
            {
                Assert.Equal(found.Count - before, row);
                found.Add(said);
            }, Cancellation);
        }
        return [.. found];
    }
}
