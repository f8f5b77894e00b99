using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Training.Tests;

/// <summary>Raw rows by use.</summary>
internal sealed record SmallRows(RowMatrix Train, RowMatrix Validation);

/// <summary>A training small enough for a test: recipe, fitted scaler and rows.</summary>
internal sealed record SmallTraining(ResolvedRecipe Recipe, StandardScaler Scaler, SmallRows Rows)
{
    public static TheoryData<string> Presets => ["matryoshka", "sparse", "seed"];

    public static SmallTraining Of(string preset, Func<Recipe, Recipe>? change = null, RowMatrix? train = null, RowMatrix? validation = null)
    {
        train ??= SyntheticRows.Sparse(300, 16, seed: 1);
        validation ??= SyntheticRows.Sparse(60, train.Dims, seed: 2);
        Recipe recipe = RecipePresets.Get(preset) with { LatentDims = 48, Epochs = 4, BatchRows = 64 };
        if (recipe.Architecture == Architecture.TopK)
            recipe = recipe with { TrainKs = preset == "sparse" ? [4] : [2, 4, 8], PrefixDivisors = preset == "sparse" ? [] : [8, 4, 2] };
        ResolvedRecipe resolved = (change?.Invoke(recipe) ?? recipe).Resolve(train.Dims, train.Rows);
        return new SmallTraining(resolved, Fit(resolved, train), new SmallRows(train, validation));
    }

    /// <summary>Bytes of rows in memory; below all of them, rows are read from their source again each epoch.</summary>
    public long MemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Threads of a step.</summary>
    public int Threads { get; init; } = 1;

    private TrainingRows Prepared => TrainingRows.Prepare(Rows.Train, Rows.Validation, Scaler, Recipe, MemoryBytes);

    public Trainer Start(long seed = 7) => Trainer.Start(Recipe, seed, Prepared, Threads);

    public Trainer Resume(Stream checkpoint, long seed = 7) => Trainer.Resume(checkpoint, Recipe, seed, Prepared, Threads);

    public TrainedNetwork Train(long seed = 7)
    {
        using Trainer trainer = Start(seed);
        RunToEnd(trainer);
        return trainer.BestNetwork();
    }

    public EvaluationFigures Measure(TrainedNetwork network, params int[] ks) =>
        ModelEvaluation.Measure(network, Scaler, network.Recipe, Rows.Validation, ks);

    public static void RunToEnd(Trainer trainer) => trainer.Run(TimeSpan.FromMinutes(5), 0, null, TestContext.Current.CancellationToken);

    public static StandardScaler Fit(ResolvedRecipe recipe, RowMatrix rows)
    {
        var moments = new RunningMoments(rows.Dims);
        var row = new float[rows.Dims];
        for (int i = 0; i < rows.Rows; i++)
        {
            rows.Row(i).CopyTo(row);
            if (recipe.Recipe.L2Normalize)
                RowNormalization.L2Normalize(row, row);
            moments.Add(row);
        }
        return StandardScaler.Fit(moments, recipe.Recipe.Scaling);
    }
}
