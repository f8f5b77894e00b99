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
