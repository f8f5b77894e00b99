using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class BadFilePolicyTests
{
    private const string Skip = """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":3,"batchRows":32,"onBadFile":"skip"}""";

    // In small pieces, so that the bad file has good blocks before its end.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_BadFilesAmongGoodWithSkip_IsTheModelOfTheGoodOnes(bool smallPieces)
    {
        HierEmbedOptions options = smallPieces ? SmallRuns.ManyPieces : SmallRuns.OnePiece;
        options.MaxFileBytes = 50_000;
        using var bench = new Bench(options);
        await bench.UploadDatasetAsync("words", recipe: Skip);
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(200, 2)[..10_000]);
        await bench.UploadAsync("words/c.npy", SmallRows.Npy(100, 3));
        await bench.UploadAsync("words/d.npy", SmallRows.Npy(1000, 4));
        await bench.UploadAsync("words/e.npy", "not an array"u8.ToArray());
        RunRecord run = await bench.TrainAsync("words");

        Assert.Equal((RunState.Published, 220L), (run.State, run.Rows!.Total));
        Assert.Equal([("words/b.npy", "truncated-file"), ("words/d.npy", "too-large"), ("words/e.npy", "misnamed-file")],
            run.SkippedFiles!.Select(s => (s.File, s.Problem.Code)));

        using var good = new Bench(options);
        await good.UploadDatasetAsync("words", recipe: Skip);
        await good.UploadAsync("words/c.npy", SmallRows.Npy(100, 3));
        RunRecord alone = await good.TrainAsync("words");
        Assert.Equal(alone.ModelVersion, run.ModelVersion);
        Assert.Null(alone.SkippedFiles);
    }

    [Fact]
    public async Task Train_EveryFileBadWithSkip_Fails()
    {
        using var bench = new Bench();
        await bench.UploadDatasetAsync("words", recipe: Skip);
        await bench.UploadAsync("words/a.npy", "not an array"u8.ToArray());
        RunRecord run = await bench.TrainAsync("words");
        Assert.Equal((RunState.Failed, ProblemTypes.UntrainableData.Code), (run.State, run.Problem!.Code));
        Assert.Contains("words/a.npy", run.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_FilesOfTwoModels_FailsAndNamesBoth()
    {
        using var bench = new Bench();
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe));
        await bench.UploadAsync("words/a.json", Cohere("embed-english-v3.0", 1));
        await bench.UploadAsync("words/b.json", Cohere("embed-multilingual-v3.0", 2));
        RunRecord run = await bench.TrainAsync("words");
        Assert.Equal((RunState.Failed, ProblemTypes.UntrainableData.Code), (run.State, run.Problem!.Code));
        Assert.Contains("words/a.json was made by embed-english-v3.0, words/b.json was made by embed-multilingual-v3.0", run.Problem.Detail, StringComparison.Ordinal);
    }

    private static byte[] Cohere(string model, int seed) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
        new { model, embeddings = SmallRows.Values(60, seed).Chunk(SmallRows.Dims) });
}
