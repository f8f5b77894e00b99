using System.Text;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Models;
using HierEmbed.Core.Numpy;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Serving.Encoders;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class EndToEndTests : IDisposable
{
    private readonly Bench bench = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_SeveralFiles_PublishesOneWholeModel()
    {
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe));
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(120, 1));
        await bench.UploadAsync("words/part/b.npy", SmallRows.Npy(60, 2));
        await bench.UploadAsync("words/c.jsonl", Encoding.UTF8.GetBytes(JsonLines(SmallRows.Values(20, 3))));

        await bench.WorkOffAsync();

        RunRecord run = Assert.Single(await bench.RunsAsync());
        Assert.Equal(RunState.Published, run.State);
        Assert.Equal((3, 200L), (run.Files, run.Rows!.Total));
        Assert.Equal(0, run.ConstantDims);
        string version = run.ModelVersion!;

        LatestPointer latest = (await bench.Pipeline.Models.FindLatestAsync("words", Cancellation)).Value!;
        Assert.Equal((version, run.Sequence, run.RunId), (latest.Version, latest.Sequence, latest.RunId));
        ModelManifest manifest = Assert.Single(await bench.Pipeline.Models.ListVersionsAsync("words", Cancellation));
        Assert.Equal((version, run.RunId, SmallRows.Dims, 32), (manifest.Version, manifest.RunId, manifest.Recipe.InputDims, manifest.Recipe.LatentDims));
        foreach ((string file, string sha256) in manifest.Files)
            Assert.Equal(sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await ReadAsync(version, file))));
        Assert.Equal([Layout.DictionaryFile, Layout.EncoderFile, Layout.MetricsFile, Layout.ReportFile], manifest.Files.Keys.Order(StringComparer.Ordinal));

        await CheckCodesAsync(run, manifest);
        await CheckDictionaryAsync(version);
        await CheckNothingIsLeftAsync(run);
    }

    /// <summary>Each file's rows have codes, in order, and they are what the served encoder gives.</summary>
    private async Task CheckCodesAsync(RunRecord run, ModelManifest manifest)
    {
        string codes = Layout.Version("words", manifest.Version) + Layout.CodesFolder;
        CodesIndexEntry[] index = (await bench.Pipeline.Storage.Results.FindJsonAsync<CodesIndexEntry[]>($"{codes}{run.RunId}.json", Cancellation)).Value!;
        Assert.Equal([("words/a.npy", 120), ("words/c.jsonl", 20), ("words/part/b.npy", 60)], index.Select(e => (e.File, e.Rows)));
        foreach (CodesIndexEntry entry in index)
        {
            SparseCodeMatrix matrix = CsrNpzReader.Read(entry.Codes, await bench.Pipeline.Storage.Results.OpenReadAsync(codes + entry.Codes, null, Cancellation));
            Assert.Equal((entry.Rows, 32), (matrix.Rows, matrix.Dims));
        }

        using EncoderModel model = await EncoderModelLoader.LoadAsync(bench.Pipeline.Storage.Results, "words", manifest.Version, 1, Cancellation);
        SparseCode expected = CodeTruncation.ToUnitNorm(model.EncodeToCodes(SmallRows.Values(120, 1).AsSpan(0, SmallRows.Dims), 1, bench.Options.CodesK)[0]);
        SparseCodeMatrix first = CsrNpzReader.Read("a", await bench.Pipeline.Storage.Results.OpenReadAsync(codes + index[0].Codes, null, Cancellation));
        int components = (int)first.RowStarts[1];
        Assert.Equal(expected.Indices, first.Indices[..components]);
        // A batch of one and a batch of many may sum in another order.
        for (int i = 0; i < components; i++)
            Assert.Equal(expected.Values[i], first.Values[i], 1e-5f);
    }

    private async Task CheckDictionaryAsync(string version)
    {
        using NpzReader npz = NpzReader.Open(Layout.DictionaryFile, new MemoryStream(await ReadAsync(version, Layout.DictionaryFile)));
        Assert.Equal([32L, SmallRows.Dims], npz.Read<float>("atoms").Shape);
        Assert.Equal([(long)SmallRows.Dims], npz.Read<float>("mean").Shape);
    }

    private async Task CheckNothingIsLeftAsync(RunRecord run)
    {
        Assert.Empty(await bench.NamesAsync(Layout.Blocks(run.RunId)));
        Assert.Empty(await bench.NamesAsync(Layout.Checkpoints(run.RunId)));
        Assert.Empty(await bench.NamesAsync(Layout.DirtyPrefix));
        Assert.Empty(await bench.NamesAsync("failures/"));
    }

    private Task<byte[]> ReadAsync(string version, string file) =>
        bench.Pipeline.Storage.Results.ReadBytesAsync(Layout.Version("words", version) + file, Cancellation);

    private static string JsonLines(float[] values) => string.Concat(values.Chunk(SmallRows.Dims)
        .Select(row => $"[{string.Join(',', row.Select(v => v.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}]\n"));

    public void Dispose() => bench.Dispose();
}
