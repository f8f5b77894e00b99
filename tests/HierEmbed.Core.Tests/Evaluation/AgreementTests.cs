using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Numpy;

namespace HierEmbed.Core.Tests.Evaluation;

/// <summary>Figures against SciPy's and scikit-learn's; made by Golden/make_evaluation.py.</summary>
public sealed class AgreementTests
{
    [Theory]
    [InlineData("a", "b", 0)]
    [InlineData("tied_a", "tied_b", 1)]
    public void Spearman_GoldenValues_EqualsScipy(string a, string b, int at)
    {
        using NpzReader golden = Open();
        double expected = golden.Read<double>("spearman").Values[at];
        Assert.Equal(expected, RankCorrelation.Spearman(golden.Read<float>(a).Values, golden.Read<float>(b).Values), 1e-12);
    }

    [Fact]
    public void Spearman_ConstantSide_IsNoNumber() => Assert.Equal(double.NaN, RankCorrelation.Spearman([1, 1, 1], [1, 2, 3]));

    [Fact]
    public void Spearman_ListsOfOtherLengths_AreRefused() => Assert.Throws<ArgumentException>(() => RankCorrelation.Spearman([1, 2], [1, 2, 3]));

    [Fact]
    public void Classes_GoldenValues_EqualScikitLearn()
    {
        using NpzReader golden = Open();
        int[] truth = golden.Read<int>("truth").Values, predicted = golden.Read<int>("predicted").Values;
        Assert.Equal(golden.Read<double>("accuracy").Values[0], ClassAgreement.Accuracy(truth, predicted), 1e-12);
        Assert.Equal(golden.Read<double>("macro_f1").Values[0], ClassAgreement.MacroF1(truth, predicted), 1e-12);
        Assert.Equal(golden.Read<double>("adjusted_rand").Values[0], ClassAgreement.AdjustedRand(truth, predicted), 1e-12);
    }

    [Fact]
    public void AdjustedRand_SamePartitionOtherNames_IsOne() => Assert.Equal(1, ClassAgreement.AdjustedRand([0, 0, 1, 2], [7, 7, 3, 5]));

    [Fact]
    public void AdjustedRand_EveryRowAloneInBoth_IsOne() => Assert.Equal(1, ClassAgreement.AdjustedRand([0, 1, 2], [5, 4, 3]));

    [Fact]
    public void Silhouette_GoldenValues_EqualsScikitLearn()
    {
        using NpzReader golden = Open();
        double? mean = Silhouette.Mean(golden.Read<float>("points").Values, 5, golden.Read<int>("clusters").Values);
        // Distances are float32 here, float64 there.
        Assert.Equal(golden.Read<double>("silhouette").Values[0], mean!.Value, 1e-6);
    }

    [Fact]
    public void Silhouette_OneCluster_HasNone() => Assert.Null(Silhouette.Mean([1, 2, 3], 1, [4, 4, 4]));

    private static NpzReader Open() => NpzReader.Open("evaluation.npz", Golden.Open("evaluation.npz"));
}
