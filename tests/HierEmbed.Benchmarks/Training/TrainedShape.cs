using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training;
using HierEmbed.Training.ClosedForm;

namespace HierEmbed.Benchmarks.Training;

/// <summary>A training that is measured by whole steps: shuffling and gathering of batches included, validation left out where epochs are long.</summary>
internal sealed class TrainedShape : IDisposable
{
    private readonly Trainer trainer;
    private readonly int batchRows;

    private TrainedShape(Recipe recipe, float[] values, int dims, int threads, bool inPlace = false)
    {
        const int validationRows = 64;
        int rows = values.Length / dims;
        ResolvedRecipe resolved = (recipe with { Epochs = 100_000, Patience = 0 }).Resolve(dims, rows);
        batchRows = recipe.BatchRows;
        StandardScaler scaler = Fit(resolved, values, dims);
        var validation = new RowMatrix(values[..(validationRows * dims)], validationRows, dims);
        trainer = Trainer.Start(resolved, seed: 1, TrainingRows.Prepare(new RowMatrix(values, rows, dims), validation, scaler, resolved, inPlace: inPlace), threads);
    }

    /// <summary>The budgets' large network: 1024 → 4096, k up to 64, prefixes as the preset has them.</summary>
    /// <param name="values">Rows of 1024.</param>
    /// <param name="batchRows">Rows a step.</param>
    /// <param name="threads">Threads of a step.</param>
    /// <param name="inPlace">Scales the rows where they are, as the pipeline does, in place of a copy.</param>
    public static TrainedShape Matryoshka(float[] values, int batchRows, int threads, bool inPlace = false) =>
        new(RecipePresets.Get("matryoshka") with { LatentDims = 4096, TrainKs = [8, 32, 64], BatchRows = batchRows }, values, 1024, threads, inPlace);

    /// <summary>The notebook's network, 256 → 128, batches of 256.</summary>
    /// <param name="values">Rows of 256.</param>
    public static TrainedShape Seed(float[] values) => new(RecipePresets.Get("seed"), values, 256, threads: 1);

    /// <summary>The step of a TopK network.</summary>
    public ClosedFormTopKStep TopK => (ClosedFormTopKStep)trainer.Step;

    /// <summary>Trains some steps.</summary>
    /// <returns>Seconds.</returns>
    public double Steps(int count) => Measuring.Rounds.Seconds(() =>
    {
        for (int i = 0; i < count; i++)
            trainer.Run(TimeSpan.Zero, 0, null, CancellationToken.None);
    });

    /// <summary>Trains some steps.</summary>
    /// <returns>Rows a second.</returns>
    public double Rate(int steps) => steps * batchRows / Steps(steps);

    public void Dispose() => trainer.Dispose();

    private static StandardScaler Fit(ResolvedRecipe recipe, float[] values, int dims)
    {
        var moments = new RunningMoments(dims);
        var row = new float[dims];
        for (int at = 0; at < values.Length; at += dims)
        {
            values.AsSpan(at, dims).CopyTo(row);
            if (recipe.Recipe.L2Normalize)
                RowNormalization.L2Normalize(row, row);
            moments.Add(row);
        }
        return StandardScaler.Fit(moments, recipe.Recipe.Scaling);
    }
}
