using HierEmbed.Core.Evaluation;

namespace HierEmbed.Core.Tests.Evaluation;

public sealed class CodingComparisonTests
{
    [Fact]
    public void Run_ClearDifferences_NamesTheWinnerOfEachBudget()
    {
        ComparisonTable table = Run(
            new ComparedCoding(16, false, Rounded("ours", 8)), new ComparedCoding(16, true, Rounded("theirs", 2)),
            new ComparedCoding(8, false, Rounded("ours", 2)), new ComparedCoding(8, true, Rounded("theirs", 8)));

        Assert.Equal([8, 16], table.Verdicts.Select(v => v.BudgetBytes));
        Assert.Equal(("theirs", true), (table.Verdicts[0].Best, table.Verdicts[0].BestIsBaseline));
        Assert.Equal(("ours", false), (table.Verdicts[1].Best, table.Verdicts[1].BestIsBaseline));
        Assert.All(table.Verdicts, v => Assert.Empty(v.TiedWithBest));
        Assert.True(Assert.Single(table.Verdicts[0].Differences).Interval.High < 0);
        Assert.True(Assert.Single(table.Verdicts[1].Differences).Interval.Low > 0);
        Assert.Equal([16, 16, 8, 8], table.Figures.Select(f => f.BudgetBytes));
        Assert.All(table.Figures, f => Assert.Equal(3, f.DictionaryBytesPerRow));
    }

    [Fact]
    public void Run_HardlyAnyDifference_IsATie()
    {
        // The two differ in a fraction of a thousandth of each value.
        BudgetVerdict verdict = Assert.Single(Run(
            new ComparedCoding(8, false, Rounded("ours", 3)), new ComparedCoding(8, true, Rounded("theirs", 3.0005f)), new ComparedCoding(8, true, Rounded("worse", 1))).Verdicts);
        Assert.Single(verdict.TiedWithBest);
        Assert.DoesNotContain("worse", verdict.TiedWithBest);
        Assert.Equal(["theirs", "worse"], verdict.Differences.Select(d => d.Baseline));
        Assert.True(verdict.Differences[0].Interval.IsTie);
    }

    [Fact]
    public void Run_MoreBytesThanTheBudget_IsRefused() =>
        Assert.Contains("takes 8 bytes", Assert.Throws<ArgumentException>(() => Run(new ComparedCoding(7, false, Rounded("ours", 3)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Run_OneNameTwice_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Run(new ComparedCoding(8, false, Rounded("ours", 3)), new ComparedCoding(8, true, Rounded("ours", 3))));

    private static FakeCoding Rounded(string method, float steps) => new(method, values => values.Select(value => MathF.Round(value * steps) / steps));

    private static ComparisonTable Run(params ComparedCoding[] codings) => CodingComparison.Run(
        new RetrievalEvaluation(MatrixRows.Gaussian(400, 12, 9), new RetrievalOptions(), MatrixRows.Multiply), codings, storedRows: 2000, seed: 1,
        TestContext.Current.CancellationToken);
}
