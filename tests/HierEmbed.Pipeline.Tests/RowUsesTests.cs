using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Pipeline.Evaluation;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Pipeline.Tests.Support;

namespace HierEmbed.Pipeline.Tests;

public sealed class RowUsesTests
{
    private const int Count = 500;
    private static readonly float[] Values = SmallRows.Values(Count, 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_ModelsThatSayHowTheyWerePacked_SplitAsTheTrainingDid(bool half)
    {
        RowUse[] expected = Split(half);
        RowUses uses = Look(Manifest(expected) with { PackedHalf = half });
        Assert.Equal(expected, Enumerable.Range(0, Count).Select(uses.Of));
        Assert.True(uses.AreThoseOfTheTraining);
        Assert.False(Look(Manifest(expected) with { PackedHalf = !half }).AreThoseOfTheTraining);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_OlderModel_IsToldByItsCounts(bool half)
    {
        RowUse[] expected = Split(half);
        RowUses uses = Look(Manifest(expected));
        Assert.Equal(expected, Enumerable.Range(0, Count).Select(uses.Of));
    }

    [Fact]
    public void Of_OlderModelAndOtherRows_CallsUnseenOnlyWhatBothSplitsHoldOut()
    {
        RowUse[] single = Split(false), halved = Split(true);
        RowUses uses = Look(Manifest(single) with { Rows = new RowCounts(7, 1, 1, 0) });
        Assert.False(uses.AreThoseOfTheTraining);
        Assert.All(Enumerable.Range(0, Count), row => Assert.Equal(single[row] == RowUse.Train || halved[row] == RowUse.Train, uses.Of(row) == RowUse.Train));
    }

    private static RowUses Look(ModelManifest manifest)
    {
        var uses = new RowUses(manifest, keepsHashes: false);
        foreach (float[] row in Values.Chunk(SmallRows.Dims))
            uses.Add(row);
        return uses;
    }

    private static RowUse[] Split(bool half)
    {
        var split = new RowSplit(3, 0.1, 0.1);
        return [.. Values.Chunk(SmallRows.Dims).Select(row =>
        {
            float norm = System.Numerics.Tensors.TensorPrimitives.Norm<float>(row);
            return split.Of(half ? [.. row.Select(value => (float)(Half)(value / norm))] : row);
        })];
    }

    private static ModelManifest Manifest(RowUse[] uses) => new()
    {
        Dataset = "words",
        Version = "v",
        RunId = "words-v",
        CreatedAt = default,
        ContentHash = "",
        Seed = 3,
        Recipe = RecipePresets.Get("sparse").Resolve(SmallRows.Dims, Count),
        Rows = new RowCounts(uses.Count(use => use == RowUse.Train), uses.Count(use => use == RowUse.Validation), uses.Count(use => use == RowUse.Test), 0),
        Metrics = new ModelMetrics { Epochs = 0, BestEpoch = 0, TrainLoss = 0, ValidationLoss = 0, SamplesPerSecond = 0, EvaluatedRows = 0, DeadFraction = 0, ByK = [] },
        Files = new Dictionary<string, string>(),
        Versions = new Dictionary<string, string>(),
    };
}
