using System.Runtime.InteropServices;
using System.Text;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Models;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Readers;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Serving.Coding;
using HierEmbed.Serving.Encoders;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
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
        Assert.Equal([Layout.DictionaryFile, Layout.EncoderFile, Layout.MetricsFile, Layout.PackingFile, Layout.ReportFile], manifest.Files.Keys.Order(StringComparer.Ordinal));

        await CheckCodesAsync(run, manifest);
        await CheckDictionaryAsync(version);
        await CheckNothingIsLeftAsync(run);
    }

    /// <summary>Each file's rows have codes, in order, and they are those of pursuit on the published dictionary; their vectors and ids stand beside them.</summary>
    private async Task CheckCodesAsync(RunRecord run, ModelManifest manifest)
    {
        IArtifactStore results = bench.Pipeline.Storage.Results;
        var indexes = new CodesIndexStore(results);
        Assert.Equal(new CodesPointer(run.RunId, run.Sequence), await indexes.FindLatestAsync("words", manifest.Version, Cancellation));
        IReadOnlyList<CodesIndexEntry> index = (await indexes.FindAsync("words", manifest.Version, run.RunId, Cancellation))!;
        Assert.Equal([("words/a.npy", 120, false), ("words/c.jsonl", 20, true), ("words/part/b.npy", 60, false)], index.Select(e => (e.File, e.Rows, e.Labels is not null)));
        var coder = new PursuitCoding(await DictionaryLoader.LoadAsync(results, manifest, Cancellation), 1);
        PackedCodeFormat format = (await PackingLoader.FindAsync(results, manifest, Cancellation))!.FindK(bench.Options.CodesK!.Value)!;
        float[][] uploaded = [SmallRows.Values(120, 1), SmallRows.Values(20, 3), SmallRows.Values(60, 2)];
        foreach ((CodesIndexEntry entry, float[] values) in index.Zip(uploaded))
        {
            using CodeFile file = CodeFile.Open(Path.Combine(bench.Root, bench.Options.ResultsContainer, Layout.Version("words", manifest.Version) + Layout.CodesFolder + entry.Codes), manifest.ModelId);
            Assert.Equal((entry.Rows, CodeCoding.Pursuit, entry.Labels is not null), (file.Rows, file.Coding, file.HasIds));
            SparseCode[] expected = coder.Encode(values, entry.Rows, format);
            for (int row = 0; row < entry.Rows; row++)
            {
                SparseCode code = file.Code(row);
                Assert.Equal(expected[row].Indices, code.Indices);
                // On the grid already: packing keeps them.
                Assert.Equal(expected[row].Values, code.Values);
                Assert.Equal(entry.Labels is null ? null : $"c{row}", file.Id(row));
            }
            Assert.Equal(Packed(values), await ReadAsync(manifest.Version, Layout.VectorsFolder + entry.Vectors));
        }
        await using Stream stream = await results.OpenReadAsync(Layout.Version("words", manifest.Version) + Layout.LabelsFolder + index[1].Labels, null, Cancellation);
        LabelFile labels = await LabelFile.OpenAsync("labels", stream, Cancellation);
        Assert.Equal(new RowLabels("c7", "word 7", "odd"), await labels.ReadAsync(7, Cancellation));
    }

    private static byte[] Packed(float[] values)
    {
        using var stream = new MemoryStream();
        NpyWriter.WriteHeader<float>(stream, values.Length / SmallRows.Dims, SmallRows.Dims);
        stream.Write(MemoryMarshal.AsBytes<float>(values));
        return stream.ToArray();
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
        .Select((row, i) => $"{{\"id\":\"c{i}\",\"title\":\"word {i}\",\"label\":\"{(i % 2 == 0 ? "even" : "odd")}\",\"emb\":[{string.Join(',', row.Select(v => v.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}]}}\n"));

    public void Dispose() => bench.Dispose();
}
