using HierEmbed.Training.Decomposition;

namespace HierEmbed.Training.Tests.Evaluation;

public sealed class DecompositionTests
{
    private const int Rows = 5000, Dims = 24;

    private static readonly int[] Iterations = [0, 1, 3, 10];
    private static readonly float[] Values = CorrelatedRows.Make(Rows, Dims, 1).ToArray();

    [Fact]
    public void Fit_Components_AreOrthonormalAndDiagonalizeTheCovariance()
    {
        PrincipalComponents pca = PrincipalComponents.Fit(Values, Dims);
        float[] coordinates = pca.Transform(Values, Dims);
        for (int a = 0; a < Dims; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double dot = Enumerable.Range(0, Dims).Sum(d => (double)pca.Components[(a * Dims) + d] * pca.Components[(b * Dims) + d]);
                Assert.Equal(a == b ? 1 : 0, dot, 1e-5);
                double covariance = Enumerable.Range(0, Rows).Average(r => (double)coordinates[(r * Dims) + a] * coordinates[(r * Dims) + b]);
                Assert.Equal(a == b ? pca.Variances[a] : 0, covariance, 1e-5 * pca.Variances[0]);
            }
        }
        Assert.Equal(pca.Variances.OrderDescending(), pca.Variances);
    }

    [Fact]
    public void InverseTransform_AllComponents_GivesTheRowsBack_FewerLeaveTheirVariance()
    {
        PrincipalComponents pca = PrincipalComponents.Fit(Values, Dims);
        var back = new float[Values.Length];
        pca.InverseTransform(pca.Transform(Values, Dims), Dims, back);
        Assert.All(back.Zip(Values), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));

        pca.InverseTransform(pca.Transform(Values, 10), 10, back);
        double residual = back.Zip(Values, (a, b) => Math.Pow(a - b, 2)).Sum() / Rows;
        Assert.Equal(pca.Variances.Skip(10).Sum(), residual, 1e-4 * residual);
    }

    [Fact]
    public void Fit_FewerRowsThanDims_HasAsManyDirectionsAsRowsSpan()
    {
        PrincipalComponents pca = PrincipalComponents.Fit(Values.AsSpan(0, 5 * Dims), Dims);
        Assert.True(pca.Variances[3] > 1e-4);
        Assert.All(pca.Variances.Skip(4), variance => Assert.InRange(variance, 0, 1e-6));
    }

    [Fact]
    public void Rotation_MoreIterations_BringsRowsNearerToTheCorners()
    {
        PrincipalComponents pca = PrincipalComponents.Fit(Values, Dims);
        float[] v = pca.Transform(Values, Dims);
        double[] losses = [.. Iterations.Select(iterations => Loss(v, IterativeQuantization.Rotation(v, Dims, iterations, seed: 1)))];
        Assert.Equal(losses.OrderDescending(), losses);
        Assert.True(losses[^1] < 0.99 * losses[0]);
    }

    [Fact]
    public void Rotation_IsOrthogonalAndFollowsTheSeed()
    {
        float[] r = IterativeQuantization.Rotation(Values, Dims, 5, seed: 1);
        for (int a = 0; a < Dims; a++)
        {
            for (int b = 0; b <= a; b++)
                Assert.Equal(a == b ? 1 : 0, Enumerable.Range(0, Dims).Sum(d => (double)r[(a * Dims) + d] * r[(b * Dims) + d]), 1e-5);
        }
        Assert.Equal(r, IterativeQuantization.Rotation(Values, Dims, 5, seed: 1));
        Assert.NotEqual(r, IterativeQuantization.Rotation(Values, Dims, 5, seed: 2));
    }

    /// <summary>Mean of Σ(|y| − mean |y|)²: what the best scale leaves of sign(VR) − VR.</summary>
    private static double Loss(float[] v, float[] rotation)
    {
        double squares = 0, magnitudes = 0;
        for (int row = 0; row < Rows; row++)
        {
            for (int b = 0; b < Dims; b++)
            {
                double y = 0;
                for (int d = 0; d < Dims; d++)
                    y += (double)v[(row * Dims) + d] * rotation[(d * Dims) + b];
                squares += y * y;
                magnitudes += Math.Abs(y);
            }
        }
        return squares - (magnitudes * magnitudes / (Rows * Dims));
    }
}
