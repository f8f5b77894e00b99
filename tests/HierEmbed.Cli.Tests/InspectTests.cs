using System.IO.Compression;
using System.Text.Json;
using HierEmbed.Cli.Tests.Support;

namespace HierEmbed.Cli.Tests;

public sealed class InspectTests
{
    [Fact]
    public async Task Inspect_Redirected_PrintsOneLineAFileInOrderWithoutEscapes()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("b.npy"), 60);
        string longName = new('n', 200);
        SmallRows.WriteNpy(folder.At($"{longName}.npy"), 61);
        SmallRows.WriteNpy(folder.At("a.npy"), 62);
        Finished found = (await Hierembed.RunInAsync(folder.Root, "inspect", "b.npy", $"{longName}.npy", "a.npy")).Expect(0);
        Assert.DoesNotContain('\u001b', found.Out);
        string[] lines = [.. found.Out.Split('\n').Where(line => line.Contains(".npy", StringComparison.Ordinal)).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.StartsWith("b.npy npy <f4 60 16 ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{longName}.npy npy <f4 61 16 ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("a.npy npy <f4 62 16 ", lines[2], StringComparison.Ordinal);
        Assert.Empty(found.Error);
    }

    [Fact]
    public async Task Inspect_Json_IsOneDocumentThatHoldsGoodAndBadFiles()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("set/a.npy"), 60);
        folder.Write("set/b.jsonl", "[1,2,3]\n[1,NaN]\n");
        folder.Write("set/training.json", "{}");
        Finished found = (await Hierembed.RunInAsync(folder.Root, "inspect", "set", "--json")).Expect(3);
        JsonElement dataset = JsonDocument.Parse(found.Out).RootElement;
        JsonElement files = dataset.GetProperty("files");
        Assert.Equal(2, files.GetArrayLength());
        Assert.Equal("set/a.npy", files[0].GetProperty("file").GetString());
        Assert.Equal(60, files[0].GetProperty("profile").GetProperty("rows").GetInt64());
        Assert.Equal((60, false, "set/b.jsonl cannot be used"), (dataset.GetProperty("rows").GetInt64(), dataset.GetProperty("canTrain").GetBoolean(), dataset.GetProperty("whyNot").GetString()));
        Assert.StartsWith("set/b.jsonl", files[1].GetProperty("problem").GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_FilesThatRepeatEachOther_CountsDuplicatesOverAll()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("a.npy"), 60);
        File.Copy(folder.At("a.npy"), folder.At("b.npy"));
        folder.Write("c.jsonl", "{\"id\": \"x\", \"label\": \"l\", \"embedding\": [" + string.Join(',', Enumerable.Repeat("1", SmallRows.Dims)) + "]}\n");
        Finished found = (await Hierembed.RunInAsync(folder.Root, "inspect", "a.npy", "b.npy", "c.jsonl")).Expect(0);
        Assert.Contains("c.jsonl: 1 ids, 1 labels", found.Out, StringComparison.Ordinal);
        Assert.EndsWith("121 rows, 60 of them repeat an earlier one. Can be trained on.\n", found.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("few", "40 rows are too few; at least 50 are needed")]
    [InlineData("equal", "all 60 rows are equal")]
    [InlineData("mixed", "few.npy has 16 dims, equal.npy has 4")]
    public async Task Inspect_WhatARunWouldRefuse_SaysWhy(string which, string why)
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("few.npy"), 40);
        SmallRows.WriteNpy(folder.At("equal.npy"), [.. Enumerable.Repeat(1f, 240)], 4);
        string[] files = which == "mixed" ? ["few.npy", "equal.npy"] : [$"{which}.npy"];
        Finished found = (await Hierembed.RunInAsync(folder.Root, ["inspect", .. files])).Expect(0);
        Assert.Contains($"Cannot be trained on: {why}", found.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_FilesThatTheSystemDoesNotGive_AreReportedAndTheOthersRead()
    {
        using var folder = new TemporaryFolder();
        // Gone, a read error, and a file that not even root may read.
        (string Name, string Target)[] links = [("gone.npy", folder.At("nothing")), ("broken.npy", "/proc/self/mem"), ("closed.npy", "/proc/sys/vm/compact_memory")];
        foreach ((string name, string target) in links)
            File.CreateSymbolicLink(folder.At($"set/{name}"), target);
        SmallRows.WriteNpy(folder.At("set/z.npy"), 60);

        Finished found = (await Hierembed.RunInAsync(folder.Root, "inspect", "set", "--json")).Expect(1);
        JsonElement[] files = [.. JsonDocument.Parse(found.Out).RootElement.GetProperty("files").EnumerateArray()];
        Assert.Equal(["set/broken.npy", "set/closed.npy", "set/gone.npy", "set/z.npy"], files.Select(f => f.GetProperty("file").GetString()));
        Assert.All(files[..3], f => Assert.Equal("unreadable-file", f.GetProperty("problem").GetProperty("code").GetString()));
        Assert.All(files[..3], f => Assert.InRange(f.GetProperty("problem").GetProperty("detail").GetString()!.Length, 40, 299));
        Assert.Equal(60, files[3].GetProperty("profile").GetProperty("rows").GetInt64());

        folder.Write("set/bad.jsonl", "[1,NaN]\n");
        Finished printed = (await Hierembed.RunInAsync(folder.Root, "inspect", "set")).Expect(3);
        Assert.Contains("set/z.npy", printed.Out, StringComparison.Ordinal);
        Assert.Contains("error: set/gone.npy: it cannot be opened or read: ", printed.Error, StringComparison.Ordinal);
    }

    /// <summary>What the default recipe rejects, and what training.json says of the folder.</summary>
    [Theory]
    [InlineData(1, false, null, "Cannot be trained on: set/a.npy cannot be used")]
    [InlineData(1, false, """{"recipe":"seed"}""", "Can be trained on.")]
    [InlineData(1, false, """{"maxRejectedFraction":0.1}""", "Can be trained on.")]
    [InlineData(0, true, null, "Cannot be trained on: set/b.jsonl cannot be used")]
    [InlineData(0, true, """{"onBadFile":"skip"}""", "Can be trained on.")]
    [InlineData(1, true, """{"onBadFile":"skip"}""", "Cannot be trained on: none of the files can be used")]
    public async Task Inspect_FolderWithATrainingFile_JudgesAsItsRunWould(int zeroRows, bool withBadFile, string? training, string judgement)
    {
        using var folder = new TemporaryFolder();
        float[] values = SmallRows.Make(60);
        Array.Clear(values, 0, zeroRows * SmallRows.Dims);
        Directory.CreateDirectory(folder.At("set"));
        SmallRows.WriteNpy(folder.At("set/a.npy"), values, SmallRows.Dims);
        if (withBadFile)
            folder.Write("set/b.jsonl", "[1,NaN]\n");
        if (training is not null)
            folder.Write("set/training.json", training);
        Assert.Contains(judgement, (await Hierembed.RunInAsync(folder.Root, "inspect", "set")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_TrainingFileNamesAnotherModel_SaysSo()
    {
        using var folder = new TemporaryFolder();
        folder.Write("set/a.json", "{\"model\":\"embed-v3\",\"embeddings\":{\"float\":[" + string.Join(',', Enumerable.Range(0, 60).Select(i => $"[{i},1]")) + "]}}");
        folder.Write("set/training.json", """{"parentModel":"embed-v4"}""");
        Finished found = await Hierembed.RunInAsync(folder.Root, "inspect", "set");
        Assert.Contains("Cannot be trained on: training.json names the model embed-v4, set/a.json was made by embed-v3", found.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_LinksInACircleAndAFolderThatCannotBeListed_GoesOn()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("set/a.npy"), 60);
        Directory.CreateSymbolicLink(folder.At("set/circle"), folder.At("set"));
        File.CreateSymbolicLink(folder.At("set/b.npy"), folder.At("set/a.npy"));
        // A path that is too long for the system, which not even root may list: two halves, put together.
        string half = string.Join('/', Enumerable.Repeat(new string('d', 200), 11));
        string below = folder.At($"far/{half}"), end = folder.At($"set/{half}");
        Directory.CreateDirectory(below);
        Directory.CreateDirectory(end);
        Directory.Move(folder.At("far"), $"{end}/far");
        try
        {
            Finished found = (await Hierembed.RunInAsync(folder.Root, "inspect", "set", "--json")).Expect(1);
            JsonElement[] files = [.. JsonDocument.Parse(found.Out).RootElement.GetProperty("files").EnumerateArray()];
            Assert.Equal(3, files.Length);
            Assert.Equal(["set/a.npy", "set/b.npy"], files.Take(2).Select(file => file.GetProperty("file").GetString()));
            Assert.Equal("unreadable-file", files[2].GetProperty("problem").GetProperty("code").GetString());
        }
        finally
        {
            Directory.Move($"{end}/far", folder.At("far"));
        }
    }

    [Fact]
    public async Task Inspect_FileThatIsBadAtItsEnd_LeavesNoDuplicates()
    {
        using var folder = new TemporaryFolder();
        string rows = string.Concat(Enumerable.Range(0, 60).Select(row => $"[{row},1]\n"));
        folder.Write("a.jsonl", rows + "[1,");
        folder.Write("b.jsonl", rows + "[7,1]\n");
        Finished found = (await Hierembed.RunInAsync(folder.Root, "inspect", "a.jsonl", "b.jsonl", "--json")).Expect(3);
        JsonElement dataset = JsonDocument.Parse(found.Out).RootElement;
        Assert.Equal((61, 1, false), (dataset.GetProperty("rows").GetInt64(), dataset.GetProperty("duplicates").GetInt64(), dataset.GetProperty("duplicatesEstimated").GetBoolean()));
    }

    [Fact]
    public async Task Inspect_CompressedFile_SaysSo()
    {
        using var folder = new TemporaryFolder();
        using (var gzip = new GZipStream(File.Create(folder.At("a.jsonl.gz")), CompressionLevel.Fastest))
            gzip.Write("[1,2]\n[3,4]\n"u8);
        Assert.Contains("jsonl (gzip)", (await Hierembed.RunInAsync(folder.Root, "inspect", "a.jsonl.gz")).Expect(0).Out, StringComparison.Ordinal);
        JsonElement dataset = JsonDocument.Parse((await Hierembed.RunInAsync(folder.Root, "inspect", "a.jsonl.gz", "--json")).Expect(0).Out).RootElement;
        Assert.Equal("gzip", dataset.GetProperty("files")[0].GetProperty("profile").GetProperty("info").GetProperty("compression").GetString());
    }

    [Fact]
    public async Task Inspect_RejectedRows_AreListedWithTheirNumbers()
    {
        using var folder = new TemporaryFolder();
        float[] values = SmallRows.Make(300);
        values[7 * SmallRows.Dims] = float.NaN;
        SmallRows.WriteNpy(folder.At("a.npy"), values, SmallRows.Dims);
        Finished found = (await Hierembed.RunInAsync(folder.Root, "inspect", "a.npy")).Expect(0);
        Assert.Contains("a.npy: row 7 rejected: ", found.Out, StringComparison.Ordinal);
    }
}
