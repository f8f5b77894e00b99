using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Training.Tests;

public sealed class TrainingRowsTests
{
    private const int Dims = 64;
    private static readonly SmallTraining Small = SmallTraining.Of("sparse", r => r with { L2Normalize = false, Scaling = ScalingMode.None }, SyntheticRows.Uniform(100, Dims, 1));

    /// <summary>Each chunk of a training starts one on the same rows.</summary>
    [Fact]
    public void Start_RowsPastMemory_ReadsNoneOfThemBeforeItsFirstStep()
    {
        CountingRows train = new(1000, Dims), validation = new(100, Dims);
        TrainingRows rows = Prepare(train, validation, memoryBytes: 0);
        Assert.Equal((1000, 100), (train.Read.Count, validation.Read.Count));
        // Atoms that start at rows read those.
        ResolvedRecipe recipe = Small.Recipe with { Recipe = Small.Recipe.Recipe with { Initialization = Initialization.Random } };
        for (int chunk = 0; chunk < 3; chunk++)
        {
            using Trainer trainer = Trainer.Start(recipe, 7, rows, threads: 1);
        }
        Assert.Equal((1000, 100), (train.Read.Count, validation.Read.Count));
    }

    [Fact]
    public void Prepare_ValidationIsTheTrainingRows_CountsThemOnce()
    {
        const long bytes = 1000 * Dims * sizeof(float);
        var rows = new CountingRows(1000, Dims);
        Assert.True(Prepare(rows, rows, bytes).IsResident);
        Assert.False(Prepare(rows, rows, bytes - 1).IsResident);
        Assert.False(Prepare(rows, new CountingRows(1, Dims), bytes).IsResident);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Prepare_InPlace_HoldsNoSecondCopy(bool sameRows)
    {
        RowMatrix copied = SyntheticRows.Uniform(20_000, Dims, 1), scaled = SyntheticRows.Uniform(20_000, Dims, 1);
        float[] raw = [.. copied.Values];
        TrainingRows expected = Prepare(copied, sameRows ? copied : SyntheticRows.Uniform(10, Dims, 2));
        RowMatrix validation = sameRows ? scaled : SyntheticRows.Uniform(10, Dims, 2);

        long before = GC.GetAllocatedBytesForCurrentThread();
        TrainingRows rows = Prepare(scaled, validation, inPlace: true);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 0, raw.Length * sizeof(float) / 10);
        Assert.Equal(expected.Hash, rows.Hash);
        Assert.Equal(expected.TrainMoments.TotalVariance, rows.TrainMoments.TotalVariance);
        Assert.Equal(raw, copied.Values);
        Assert.True(rows.IsResident);
    }

    private static TrainingRows Prepare(IRowSource train, IRowSource validation, long memoryBytes = long.MaxValue, bool inPlace = false) =>
        TrainingRows.Prepare(train, validation, Standardizing, Small.Recipe, memoryBytes, inPlace);

    /// <summary>One that changes rows, so that rows scaled twice would show.</summary>
    private static StandardScaler Standardizing => SmallTraining.Fit(Small.Recipe with { Recipe = Small.Recipe.Recipe with { Scaling = ScalingMode.Standard } }, Small.Rows.Train);
}
