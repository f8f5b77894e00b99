using System.Numerics.Tensors;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;
using HierEmbed.Training.Network;

namespace HierEmbed.Training.Tests;

public sealed class InitializationTests
{
    [Theory]
    [InlineData(ScalingMode.Centre)]
    [InlineData(ScalingMode.None)]
    public void Create_Rows_AtomsAreDirectionsOfDistinctRows(ScalingMode scaling)
    {
        SmallTraining small = SmallTraining.Of("sparse", r => r with { Scaling = scaling });
        (float[][] directions, float[][] atoms) = DirectionsAndAtoms(small);
        int[] nearest = [.. atoms.Select(atom => Nearest(directions, atom))];
        Assert.Equal(48, nearest.Distinct().Count());
        // The mean in float64 here, rounded to float32 there.
        Assert.All(nearest.Index(), n => Assert.Equal(1, TensorPrimitives.Dot<float>(directions[n.Item], atoms[n.Index]), 1e-5f));
    }

    [Fact]
    public void Create_FewerRowsThanLatents_TheRestAreRandomDirections()
    {
        SmallTraining small = SmallTraining.Of("sparse", null, SyntheticRows.Sparse(20, 16, seed: 1));
        (float[][] directions, float[][] atoms) = DirectionsAndAtoms(small);
        Assert.All(atoms, atom => Assert.Equal(1, TensorPrimitives.Norm<float>(atom), 1e-5f));
        Assert.Equal(20, atoms.Count(atom => TensorPrimitives.Dot<float>(directions[Nearest(directions, atom)], atom) > 1 - 1e-5f));
    }

    [Fact]
    public void Create_Random_NoAtomIsARow()
    {
        SmallTraining small = SmallTraining.Of("sparse", r => r with { Initialization = Initialization.Random });
        (float[][] directions, float[][] atoms) = DirectionsAndAtoms(small);
        Assert.All(atoms, atom => Assert.True(TensorPrimitives.Dot<float>(directions[Nearest(directions, atom)], atom) < 0.99f));
    }

    private static int Nearest(float[][] directions, float[] atom) =>
        Enumerable.Range(0, directions.Length).MaxBy(row => TensorPrimitives.Dot<float>(directions[row], atom));

    private static (float[][] Directions, float[][] Atoms) DirectionsAndAtoms(SmallTraining small)
    {
        ScaledRows rows = ScaledRows.From(small.Rows.Train, small.Scaler, small.Recipe);
        RunningMoments moments = rows.Moments();
        using NetworkParameters parameters = NetworkInitialization.Create(small.Recipe, 1, rows, moments);
        float[] mean = Array.ConvertAll(moments.Mean.ToArray(), v => (float)v);
        float[][] directions = [.. Enumerable.Range(0, rows.Rows).Select(row => Direction(rows.Row(row), mean))];
        float[][] atoms = [.. Enumerable.Range(0, small.Recipe.LatentDims).Select(latent => NetworkParameters.Row(parameters.Decoder, latent).ToArray())];
        return (directions, atoms);
    }

    private static float[] Direction(float[] row, float[] mean)
    {
        TensorPrimitives.Subtract(row, mean, row);
        TensorPrimitives.Divide(row, TensorPrimitives.Norm<float>(row), row);
        return row;
    }
}
