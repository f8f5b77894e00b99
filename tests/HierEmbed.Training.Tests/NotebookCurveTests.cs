using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Training.Tests;

public sealed class NotebookCurveTests
{
    // What the notebook printed for its first seven epochs on 1000 × 256 uniform random rows.
    private static readonly double[] TrainLoss = [2.3412, 2.2522, 2.1525, 2.0937, 2.0265, 1.9883, 1.9567];
    private static readonly double[] ValidationLoss = [2.2554, 2.1737, 2.1053, 2.0495, 2.0052, 1.9709, 1.9447];

    /// <summary>The training loss compared is the epoch's mean over batches, weighted by their rows, as Keras prints it.</summary>
    [Fact]
    public void Run_SeedPresetOnUniformRows_FollowsTheNotebook()
    {
        const int epochs = 7, seeds = 5;
        var train = new double[epochs];
        var validation = new double[epochs];
        for (int seed = 0; seed < seeds; seed++)
        {
            RowMatrix all = SyntheticRows.Uniform(1000, 256, seed);
            Recipe recipe = RecipePresets.Get("seed");
            ResolvedRecipe resolved = (recipe with { Epochs = epochs }).Resolve(256, 800);
            StandardScaler scaler = SmallTraining.Fit(resolved, all); // on all rows, as the notebook does
            TrainingRows rows = TrainingRows.Prepare(new RowMatrix(all.Values, 800, 256), new RowMatrix(all.Values[(800 * 256)..], 200, 256), scaler, resolved);
            using Trainer trainer = Trainer.Start(resolved, seed, rows, threads: 1);
            SmallTraining.RunToEnd(trainer);
            for (int epoch = 0; epoch < epochs; epoch++)
            {
                train[epoch] += trainer.History[epoch].TrainLoss / seeds;
                validation[epoch] += trainer.History[epoch].ValidationLoss / seeds;
            }
        }
        string measured = string.Join(", ", train.Zip(validation, (t, v) => $"{t:f4}/{v:f4}"));
        TestContext.Current.TestOutputHelper?.WriteLine(measured);
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            Assert.True(Math.Abs(train[epoch] - TrainLoss[epoch]) < 0.03, $"training loss of epoch {epoch + 1}: {measured}");
            Assert.True(Math.Abs(validation[epoch] - ValidationLoss[epoch]) < 0.03, $"validation loss of epoch {epoch + 1}: {measured}");
        }
    }
}
