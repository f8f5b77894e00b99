using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;

namespace HierEmbed.Core.Tests.Evaluation;

public sealed class EvaluationSummaryTests
{
    [Fact]
    public void Of_BaselineWinsTiesAndLoses_SaysEachWithItsBudgetsAndWhatToUseInstead()
    {
        EvaluationSummary summary = EvaluationSummary.Of(Report(
            At(16, 0.65, 0.99, ("PQ", 0.5, +1), ("bit-allocated PCA", 0.6, +1)),
            At(32, 0.79, 1, ("PQ", 0.7, +1), ("bit-allocated PCA", 0.788, 0)),
            At(64, 0.87, 1, ("PQ", 0.8, +1), ("bit-allocated PCA", 0.88, -1)),
            At(128, 0.93, 1, ("PQ", 0.9, +1), ("bit-allocated PCA", 0.95, -1))));

        Assert.Equal("At 64 and 128 bytes a vector, bit-allocated PCA finds more of the ten nearest than this model's codes (recall@10 0.880 and 0.950 against 0.870 and 0.930): use bit-allocated PCA there instead. "
            + "At 32 bytes it is a tie with bit-allocated PCA (recall@10 of the codes 0.790, of the best baseline 0.788): these queries do not tell them apart, and baselines can be had without training. "
            + "At 16 bytes pursuit codes find more of the ten nearest than every baseline (recall@10 0.650, the best baseline 0.600).", summary.Verdict);
        Assert.Equal("Store 16 bytes a vector and rerank a shortlist of 100 by the full vectors: of 2000 rows searched it holds 99.0 % of the true ten nearest. "
            + "Without rerank, 128 bytes find 93.0 % of them, bit-allocated PCA 95.0 %.", summary.Recommendation);
    }

    [Fact]
    public void Of_NoShortlistIsGoodEnough_SaysSo()
    {
        string text = EvaluationSummary.Of(Report(At(16, 0.3, 0.7, ("PQ", 0.2, +1)), At(32, 0.4, 0.9, ("PQ", 0.2, +1)))).Recommendation;
        Assert.Equal("No budget measured puts 98 % of the true ten nearest into a shortlist of 100: the best is 90.0 % at 32 bytes, so rerank a longer one. "
            + "Without rerank no budget measured reaches a recall@10 of .9: the most is 0.400, so keep the full vectors.", text);
    }

    [Fact]
    public void Of_FewRows_SaysThatShortlistsTellNothing()
    {
        string text = EvaluationSummary.Of(Report(At(16, 0.95, 1, ("PQ", 0.2, +1)), At(64, 0.95, 1, ("PQ", 0.2, +1))) with { TestRows = 403 }).Recommendation;
        Assert.StartsWith("Store 64 bytes a vector to begin with: of 403 rows searched a shortlist of 100 is too large a part to tell", text, StringComparison.Ordinal);
        Assert.EndsWith("Without rerank, 16 bytes find 95.0 % of them.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_RowsSeenInTraining_GivesNoVerdict()
    {
        string text = EvaluationSummary.Of(Report(At(16, 0.95, 1, ("PQ", 1, -1))) with { TestRows = 42, SeenInTraining = true }).Verdict;
        Assert.StartsWith("There are too few rows to hold any out: the 42 that were searched are rows that training saw", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PQ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_TieWithAll_NamesThemTogetherAndEqualFiguresOnce()
    {
        string text = EvaluationSummary.Of(Report(At(16, 1, 1, ("PQ", 1, 0), ("ITQ", 1, 0)), At(32, 1, 1, ("PQ", 1, 0), ("ITQ", 1, 0)))).Verdict;
        Assert.StartsWith("At 16 and 32 bytes it is a tie with every baseline (recall@10 of the codes 1.000, of the best baseline 1.000)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NothingMeasured_SendsToTheFullVectors()
    {
        EvaluationSummary summary = EvaluationSummary.Of(Report());
        Assert.Contains("Search the full vectors", summary.Verdict, StringComparison.Ordinal);
        Assert.Contains("Search the full vectors", summary.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void RecallTable_OfAReport_NamesTheBestOfEachBudget() => Assert.Equal(
        [new RecallAtBudget(16, 0.65, 0.99, "pursuit codes", 0.65), new RecallAtBudget(64, 0.87, null, "PQ", 0.9)],
        RecallTable.Of(Report(At(64, 0.87, null, ("PQ", 0.9, -1)), At(16, 0.65, 0.99, ("PQ", 0.5, +1)))));

    private static (ComparedFigures[] Figures, BudgetVerdict Verdict) At(int bytes, double recall, double? reranked, params (string Method, double Recall, int Sign)[] baselines)
    {
        ComparedFigures[] figures = [Figures(bytes, "pursuit codes", recall, reranked, false), .. baselines.Select(one => Figures(bytes, one.Method, one.Recall, 0.5, true))];
        ComparedFigures best = figures.MaxBy(one => one.Figures.Recall10)!;
        (string Method, double Recall, int Sign)[] ties = [.. baselines.Where(one => one.Sign == 0)];
        string[] tied = best.IsBaseline ? (ties.Length > 0 ? ["pursuit codes"] : []) : [.. ties.Select(one => one.Method)];
        return (figures, new BudgetVerdict(bytes, best.Figures.Cost.Method, best.IsBaseline, tied,
            [.. baselines.Select(one => new MethodDifference("pursuit codes", one.Method, new BootstrapInterval(one.Sign * 0.02, (one.Sign * 0.02) - 0.01, (one.Sign * 0.02) + 0.01)))]));
    }

    private static ComparedFigures Figures(int bytes, string method, double recall, double? reranked, bool isBaseline) => new(bytes, isBaseline, 1, new RetrievalFigures
    {
        Cost = new CodingCost(method, bytes, 100),
        Recall10 = recall,
        Reranked = reranked is { } share ? [new RerankedRecall(50, 0.1), new RerankedRecall(100, share)] : [],
    });

    private static EvaluationReport Report(params (ComparedFigures[] Figures, BudgetVerdict Verdict)[] budgets) => new()
    {
        TestRows = 2000,
        Queries = 1000,
        FittedRows = 100,
        StoredRows = 20_000,
        Seed = 0,
        Comparison = new ComparisonTable([.. budgets.SelectMany(budget => budget.Figures)], [.. budgets.Select(budget => budget.Verdict)]),
        ByK = [],
        LatentUse = new LatentUse(8, 0, []),
    };
}
