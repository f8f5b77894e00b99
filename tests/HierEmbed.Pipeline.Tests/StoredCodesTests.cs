using System.Globalization;
using System.Text;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Runs;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class StoredCodesTests : IDisposable
{
    private const string Never = """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":3,"batchRows":32,"retrain":"never"}""";
    private readonly Bench bench = new(ByBytes);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static HierEmbedOptions ByBytes
    {
        get
        {
            HierEmbedOptions options = SmallRuns.OnePiece;
            (options.CodesK, options.BytesPerVector) = (null, 9);
            return options;
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public async Task Train_ByBytesOrByK_CodesHaveThePublishedFormat(int? k)
    {
        bench.Options.CodesK = k;
        await bench.UploadDatasetAsync("words");
        RunRecord run = await bench.TrainAsync("words");

        ModelManifest manifest = await ManifestAsync(run);
        PackingTable packing = (await PackingLoader.FindAsync(bench.Pipeline.Storage.Results, manifest, Cancellation))!;
        Assert.Equal([.. PackingTable.Budgets.Append(9).Order()], packing.Formats.Select(f => f.BytesPerVector).Where(bytes => k is null || bytes is 9 or >= 16));
        CodesIndexEntry entry = Assert.Single(await IndexAsync(run));
        using CodeFile file = OpenCodes(run, entry);
        PackedCodeFormat expected = (k is null ? packing.Find(9) : packing.FindK(3))!;
        Assert.Equal((expected.K, expected.BytesPerVector), (file.Format.K, file.Format.BytesPerVector));
        Assert.Equal(expected.Grid.Levels, file.Format.Grid.Levels);
        Assert.Equal(k ?? expected.K, file.Format.K);
        Assert.EndsWith(k is null ? "-9.codes" : "-k3.codes", entry.Codes, StringComparison.Ordinal);
    }

    /// <summary>What a model of an earlier program is: levels are then those of the block's first rows, the same each time.</summary>
    [Fact]
    public async Task Train_VersionWithoutPackingFormats_CodesAllTheSame()
    {
        await bench.UploadDatasetAsync("words", recipe: Never);
        RunRecord first = await bench.TrainAsync("words");
        ModelManifest manifest = await ManifestAsync(first);
        await bench.Pipeline.Storage.Results.WriteJsonAsync(Layout.Manifest("words", manifest.Version),
            manifest with { Files = manifest.Files.Where(f => f.Key != Layout.PackingFile).ToDictionary() }, WriteCondition.Always, Cancellation);
        await bench.Pipeline.Storage.Results.DeleteAsync(Layout.Version("words", manifest.Version) + Layout.PackingFile, null, Cancellation);
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(70, 2));

        RunRecord second = await bench.TrainAsync("words");

        Assert.Equal(RunState.Unchanged, second.State);
        CodesIndexEntry added = (await IndexAsync(second))[1];
        using CodeFile file = OpenCodes(second, added);
        Assert.Equal((70L, 9, CodeCoding.Pursuit), (file.Rows, file.Format.BytesPerVector, file.Coding));
    }

    [Fact]
    public async Task Train_Seed_CodesAreTheEncodersAndThereAreNoPackingFormats()
    {
        await bench.UploadDatasetAsync("words", recipe: """{"recipe":"seed","epochs":2}""");
        RunRecord run = await bench.TrainAsync("words");

        Assert.Equal(RunState.Published, run.State);
        ModelManifest manifest = await ManifestAsync(run);
        Assert.DoesNotContain(Layout.PackingFile, manifest.Files.Keys);
        using CodeFile file = OpenCodes(run, Assert.Single(await IndexAsync(run)));
        Assert.Equal((120L, 9, CodeCoding.Encoder), (file.Rows, file.Format.BytesPerVector, file.Coding));
        using EncoderModel encoder = await EncoderModelLoader.LoadAsync(bench.Pipeline.Storage.Results, "words", manifest.Version, 1, Cancellation);
        Assert.Equal(encoder.EncodeToCodes(SmallRows.Values(120, 1), 120, file.Format.K)[5].Indices, file.Code(5).Indices);
    }

    /// <summary>The products of all pairs of atoms would take more than a gigabyte.</summary>
    [Fact]
    public async Task Train_MoreLatentsThanPursuitHolds_CodesAreTheEncoders()
    {
        await bench.UploadDatasetAsync("words", recipe: FormattableString.Invariant($"{{\"recipe\":\"sparse\",\"latentDims\":{DictionaryLoader.MaxPursuitLatents + 1},\"trainKs\":[4],\"epochs\":1}}"));
        RunRecord run = await bench.TrainAsync("words");

        Assert.Equal((RunState.Published, null), (run.State, run.Problem?.Detail));
        Assert.DoesNotContain(Layout.PackingFile, (await ManifestAsync(run)).Files.Keys);
        using CodeFile file = OpenCodes(run, Assert.Single(await IndexAsync(run)));
        Assert.Equal((120L, 9, CodeCoding.Encoder), (file.Rows, file.Format.BytesPerVector, file.Coding));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_HalfPrecision_VectorsAreAsPacked(bool half)
    {
        bench.Options.PackHalf = half;
        await bench.UploadDatasetAsync("words");
        RunRecord run = await bench.TrainAsync("words");

        CodesIndexEntry entry = Assert.Single(await IndexAsync(run));
        byte[] vectors = await bench.Pipeline.Storage.Results.ReadBytesAsync(Layout.Version("words", run.ModelVersion!) + Layout.VectorsFolder + entry.Vectors, Cancellation);
        Assert.Equal(128 + (120 * SmallRows.Dims * (half ? 2 : 4)), vectors.Length);
        using CodeFile file = OpenCodes(run, entry);
        Assert.Equal(120, file.Rows);
    }

    [Fact]
    public async Task Train_StoreVectorsFalse_KeepsNone()
    {
        bench.Options.StoreVectors = false;
        await bench.UploadDatasetAsync("words");
        RunRecord run = await bench.TrainAsync("words");

        Assert.Null(Assert.Single(await IndexAsync(run)).Vectors);
        Assert.Empty(await bench.NamesAsync(Layout.Version("words", run.ModelVersion!) + Layout.VectorsFolder));
    }

    /// <summary>The version stays, and so would codes that carry the ids of before.</summary>
    [Fact]
    public async Task Train_OtherIdsForTheSameRows_SameVersionAndCodesWithTheNewIds()
    {
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe));
        await bench.UploadAsync("words/a.jsonl", JsonLines("old"));
        RunRecord first = await bench.TrainAsync("words");
        await bench.UploadAsync("words/a.jsonl", JsonLines("new"));

        RunRecord second = await bench.TrainAsync("words");

        Assert.Equal((RunState.Unchanged, first.ModelVersion), (second.State, second.ModelVersion));
        CodesIndexEntry before = Assert.Single(await IndexAsync(first)), after = Assert.Single(await IndexAsync(second));
        Assert.Equal(before.Vectors, after.Vectors);
        using CodeFile old = OpenCodes(first, before), codes = OpenCodes(second, after);
        Assert.Equal(("old3", "new3"), (old.Id(3), codes.Id(3)));
    }

    /// <summary>Ids and texts of rows whose own file has none, as for a .npy; a labels file that cannot be read changes nothing.</summary>
    [Theory]
    [InlineData("labels.jsonl", true)]
    [InlineData("labels.csv", false)]
    public async Task Train_LabelsFileBesideTheData_StandsWithTheCodes(string file, bool usable)
    {
        await bench.UploadDatasetAsync("plain");
        RunRecord plain = await bench.TrainAsync("plain");
        await bench.UploadDatasetAsync("words");
        await bench.UploadAsync($"words/{file}", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 120).Select(row => $"{{\"id\":\"w{row}\",\"text\":\"word {row}\"}}\n"))));

        RunRecord run = await bench.TrainAsync("words");

        Assert.Equal((RunState.Published, plain.ModelVersion), (run.State, run.ModelVersion));
        CodesIndexEntry entry = Assert.Single(await IndexAsync(run));
        using CodeFile codes = OpenCodes(run, entry);
        Assert.Equal((usable ? "w7" : null, usable), (codes.Id(7), entry.Labels is not null));
        if (!usable)
            return;
        await using Stream stream = await bench.Pipeline.Storage.Results.OpenReadAsync(Layout.Version("words", run.ModelVersion!) + Layout.LabelsFolder + entry.Labels, null, Cancellation);
        Assert.Equal(new RowLabels("w7", "word 7"), await (await LabelFile.OpenAsync("labels", stream, Cancellation)).ReadAsync(7, Cancellation));
    }

    [Fact]
    public async Task Train_RowsAreRejected_IndexAndLabelsSayWhichRowsOfTheFileAreStored()
    {
        bench.Options.BlockBytes = 64 * SmallRows.Dims * sizeof(float);
        float[] values = SmallRows.Values(200, 1);
        int[] rejected = [0, 70, 71, 130];
        foreach (int row in rejected)
            values[row * SmallRows.Dims] = float.NaN;
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe[..^1] + ",\"maxRejectedFraction\":0.1}"));
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(90, 2));
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(values));

        RunRecord run = await bench.TrainAsync("words");

        Assert.Equal(RunState.Published, run.State);
        IReadOnlyList<CodesIndexEntry> entries = await IndexAsync(run);
        var sourceRows = new List<long>();
        foreach (CodesIndexEntry entry in entries.Where(entry => entry.File == "words/b.npy"))
        {
            if (entry.Labels is null)
            {
                sourceRows.AddRange(Enumerable.Range(0, entry.Rows).Select(row => entry.FirstRow!.Value + row));
                continue;
            }
            await using Stream stream = await bench.Pipeline.Storage.Results.OpenReadAsync(Layout.Version("words", run.ModelVersion!) + Layout.LabelsFolder + entry.Labels, null, Cancellation);
            LabelFile labels = await LabelFile.OpenAsync("labels", stream, Cancellation);
            sourceRows.AddRange(Enumerable.Range(0, entry.Rows).Select(row => entry.FirstRow!.Value + labels.SourceRow(row) - labels.SourceRow(0)));
        }
        Assert.Equal(0, entries[0].FirstRow);
        Assert.True(entries.Count > 3);
        Assert.Equal(Enumerable.Range(0, 200).Except(rejected).Select(row => (long)row), sourceRows);
    }

    [Fact]
    public async Task Train_OlderRunEndsLate_NewerIndexStays()
    {
        await bench.UploadDatasetAsync("words", recipe: Never);
        RunRecord first = await bench.TrainAsync("words");
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(60, 2));
        RunRecord older = await bench.Pipeline.Runs.CreateAsync(await bench.Pipeline.Datasets.ListAsync("words", Cancellation), Cancellation);
        await bench.UploadAsync("words/c.npy", SmallRows.Npy(60, 3));
        RunRecord newer = await bench.Pipeline.Runs.CreateAsync(await bench.Pipeline.Datasets.ListAsync("words", Cancellation), Cancellation);

        newer = await bench.RunAsync(newer.RunId);
        older = await bench.RunAsync(older.RunId);

        Assert.Equal((first.ModelVersion, first.ModelVersion), (newer.ModelVersion, older.ModelVersion));
        Assert.Equal(new CodesPointer(newer.RunId, newer.Sequence), await new CodesIndexStore(bench.Pipeline.Storage.Results).FindLatestAsync("words", first.ModelVersion!, Cancellation));
        Assert.Equal((2, 3), ((await IndexAsync(older)).Count, (await IndexAsync(newer)).Count));
    }

    [Theory]
    [InlineData(".npy")]
    [InlineData(".labels")]
    public async Task Encode_BlockOrLabelsAreDamagedBehindTheCodes_FailsAndStoresNoCopy(string what)
    {
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe));
        await bench.UploadAsync("words/a.jsonl", JsonLines("r"));
        string runId = (await bench.PlanAsync("words"))!;
        bool damaged = false;
        bench.Results.After = async call =>
        {
            if (damaged || !call.Changes || !call.Name.EndsWith(".codes", StringComparison.Ordinal))
                return;
            damaged = true;
            string name = Path.ChangeExtension(Layout.Block(runId, 0, 0), what);
            byte[] bytes = await bench.Pipeline.Storage.Results.ReadBytesAsync(name, Cancellation);
            bytes[^9] ^= 1;
            await bench.Pipeline.Storage.Results.WriteBytesAsync(name, bytes, WriteCondition.Always, Cancellation);
        };

        RunRecord run = await bench.RunAsync(runId);

        Assert.True(damaged);
        Assert.Equal((RunState.Failed, ProblemTypes.CorruptArtifact.Code), (run.State, run.Problem!.Code));
        Assert.DoesNotContain(await bench.NamesAsync(Layout.Model("words")), name => name.EndsWith(what, StringComparison.Ordinal));
    }

    /// <summary>Other settings since the blocks were coded, or codes that another host cleared away: what the index lists is there.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Publish_CodesAreMissing_AreMadeBeforeTheyAreListed(bool otherSettings)
    {
        await bench.UploadDatasetAsync("words");
        string runId = (await bench.PlanAsync("words"))!;
        bool once = false;
        bench.Results.Before = async call =>
        {
            if (once || !call.Changes || !call.Name.EndsWith($"codes/{runId}.json", StringComparison.Ordinal))
                return;
            once = true;
            if (otherSettings)
                bench.Options.BytesPerVector = 12;
            foreach (string name in await bench.NamesAsync(Layout.Model("words")))
            {
                if (name.Contains("/codes/", StringComparison.Ordinal) || name.Contains("/vectors/", StringComparison.Ordinal))
                    await bench.Pipeline.Storage.Results.DeleteAsync(name, null, Cancellation);
            }
            throw new IOException("killed here");
        };

        RunRecord run = await bench.RunAsync(runId);

        Assert.True(once);
        Assert.Equal(RunState.Published, run.State);
        CodesIndexEntry entry = Assert.Single(await IndexAsync(run));
        using CodeFile file = OpenCodes(run, entry);
        Assert.Equal(otherSettings ? 12 : 9, file.Format.BytesPerVector);
        Assert.NotNull(await bench.Pipeline.Storage.Results.FindAsync(Layout.Version("words", run.ModelVersion!) + Layout.VectorsFolder + entry.Vectors, Cancellation));
    }

    /// <summary>Labels change no model, so nothing else would ever bring them to the codes.</summary>
    [Fact]
    public async Task Post_LabelsFileCameAfterPublishing_SameVersionAndCodesWithItsIds()
    {
        await bench.UploadDatasetAsync("words");
        RunRecord first = await bench.TrainAsync("words");
        DateTimeOffset trained = (await ManifestAsync(first)).CreatedAt;
        var requests = new RunRequests(bench.Pipeline.Storage, new Sleeping(), TimeProvider.System);
        Assert.False((await requests.StartAsync("words", Cancellation)).Accepted);
        foreach (string prefix in (string[])["w", "other"])
        {
            await bench.UploadAsync("words/labels.jsonl", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 120).Select(row => $"{{\"id\":\"{prefix}{row}\"}}\n"))));
            Assert.Null(await bench.PlanAsync("words"));

            Assert.True((await requests.StartAsync("words", Cancellation)).Accepted);
            RunRecord run = await bench.TrainAsync("words");

            Assert.Equal((first.RunId, first.ModelVersion), (run.RunId, run.ModelVersion));
            Assert.Contains(run.State, (RunState[])[RunState.Published, RunState.Unchanged]);
            Assert.Equal(trained, (await ManifestAsync(run)).CreatedAt);
            using CodeFile codes = OpenCodes(run, Assert.Single(await IndexAsync(run)));
            Assert.Equal($"{prefix}7", codes.Id(7));
            Assert.False((await requests.StartAsync("words", Cancellation)).Accepted);
        }
    }

    public void Dispose() => bench.Dispose();

    /// <summary>The tests work runs off themselves.</summary>
    private sealed class Sleeping : IWatcherLauncher
    {
        public Task WakeAsync(string dataset, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    private static byte[] JsonLines(string ids) => Encoding.UTF8.GetBytes(string.Concat(SmallRows.Values(120, 1).Chunk(SmallRows.Dims)
        .Select((row, i) => $"{{\"id\":\"{ids}{i}\",\"emb\":[{string.Join(',', row.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]}}\n")));

    private async Task<ModelManifest> ManifestAsync(RunRecord run) => (await bench.Pipeline.Models.FindManifestAsync("words", run.ModelVersion!, Cancellation))!;

    private async Task<IReadOnlyList<CodesIndexEntry>> IndexAsync(RunRecord run) =>
        (await new CodesIndexStore(bench.Pipeline.Storage.Results).FindAsync("words", run.ModelVersion!, run.RunId, Cancellation))!;

    private CodeFile OpenCodes(RunRecord run, CodesIndexEntry entry) =>
        CodeFile.Open(Path.Combine(bench.Root, bench.Options.ResultsContainer, Layout.Version("words", run.ModelVersion!) + Layout.CodesFolder + entry.Codes), $"words/{run.ModelVersion}");
}
