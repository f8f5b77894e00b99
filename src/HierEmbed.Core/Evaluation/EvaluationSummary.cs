using System.Globalization;

namespace HierEmbed.Core.Evaluation;

/// <summary>What an evaluation means, in words: the first paragraph of the report, and what to do.</summary>
/// <param name="Verdict">At which budgets the model's codes are best, where a baseline wins or ties, and what to use instead.</param>
/// <param name="Recommendation">Two sentences: the shortest codes to search by, and when to keep longer ones or another method.</param>
public sealed record EvaluationSummary(string Verdict, string Recommendation)
{
    /// <summary>A shortlist that holds so much of the true ten needs no longer codes.</summary>
    public const double EnoughRecall = 0.98;

    /// <summary>Rows that are to be searched, for each in the shortlist, before a shortlist says anything: of fewer, any codes hold most of the true ten.</summary>
    private const int RowsForShortlisted = 10;

    private const int Shortlist = 100, BytesToBeginWith = 32;

    /// <summary>Puts an evaluation into words.</summary>
    public static EvaluationSummary Of(EvaluationReport report) => new(VerdictOf(report), RecommendationOf(report));

    private static string VerdictOf(EvaluationReport report)
    {
        BudgetVerdict[] verdicts = [.. report.Comparison.Verdicts];
        if (verdicts.Length == 0)
            return "No budget could be measured: full vectors are as short as the codes would be. Search the full vectors.";
        // Of a model alone there is nothing to lose against.
        if (verdicts.All(verdict => verdict.Differences.Count == 0))
            return "The model's codes were compared with no baseline.";
        if (report.SeenInTraining)
        {
            return $"There are too few rows to hold any out: the {report.TestRows} that were searched are rows that training saw, and that baselines remember as well. "
                + "Nothing here says which method is better for new rows: bring more.";
        }
        var sentences = new List<string>();
        BudgetVerdict[] lost = [.. verdicts.Where(verdict => verdict.BestIsBaseline && !TiesWithBest(report, verdict))];
        BudgetVerdict[] tied = [.. verdicts.Where(verdict => !lost.Contains(verdict) && IsTie(report, verdict))];
        BudgetVerdict[] won = [.. verdicts.Except(lost).Except(tied)];
        foreach (IGrouping<string, BudgetVerdict> group in lost.GroupBy(verdict => verdict.Best))
        {
            sentences.Add($"At {Bytes(group)} bytes a vector, {group.Key} finds more of the ten nearest than this model's codes (recall@10 {Figures(group, verdict => Recall(report, verdict.BudgetBytes, group.Key))} "
                + $"against {Figures(group, verdict => ModelRecall(report, verdict.BudgetBytes))}): use {group.Key} there instead.");
        }
        foreach (IGrouping<string, BudgetVerdict> group in tied.GroupBy(verdict => TiedNames(report, verdict)))
        {
            sentences.Add($"At {Bytes(group)} bytes it is a tie with {group.Key} (recall@10 of the codes {Figures(group, verdict => ModelRecall(report, verdict.BudgetBytes))}, "
                + $"of the best baseline {Figures(group, verdict => Recall(report, verdict.BudgetBytes, BestBaseline(report, verdict.BudgetBytes)))}): these queries do not tell them apart, and baselines can be had without training.");
        }
        if (won.Length > 0)
        {
            sentences.Add($"At {Bytes(won)} bytes {ModelMethod(report, won[0].BudgetBytes)} find more of the ten nearest than every baseline (recall@10 {Figures(won, verdict => ModelRecall(report, verdict.BudgetBytes))}, "
                + $"the best baseline {Figures(won, verdict => Recall(report, verdict.BudgetBytes, BestBaseline(report, verdict.BudgetBytes)))}).");
        }
        return string.Join(' ', sentences);
    }

    private static string RecommendationOf(EvaluationReport report)
    {
        ComparedFigures[] codes = [.. report.Comparison.Figures.Where(entry => !entry.IsBaseline).OrderBy(entry => entry.BudgetBytes)];
        if (codes.Length == 0)
            return "Search the full vectors. They are short enough.";
        string first = ShortlistAdvice(report, codes);
        ComparedFigures? alone = codes.FirstOrDefault(entry => entry.Figures.Recall10 >= 0.9);
        string second = alone is null
            ? string.Create(CultureInfo.InvariantCulture, $"Without rerank no budget measured reaches a recall@10 of .9: the most is {codes.Max(entry => entry.Figures.Recall10):F3}, so keep the full vectors.")
            : string.Create(CultureInfo.InvariantCulture, $"Without rerank, {alone.BudgetBytes} bytes find {alone.Figures.Recall10:P1} of them{Instead(report, alone.BudgetBytes)}.");
        return $"{first} {second}";
    }

    private static string ShortlistAdvice(EvaluationReport report, ComparedFigures[] codes)
    {
        if (report.TestRows < RowsForShortlisted * Shortlist || !codes.Any(entry => Reranked(entry) is not null))
        {
            int begin = (codes.FirstOrDefault(entry => entry.BudgetBytes >= BytesToBeginWith) ?? codes[^1]).BudgetBytes;
            return string.Create(CultureInfo.InvariantCulture,
                $"Store {begin} bytes a vector to begin with: of {report.TestRows} rows searched a shortlist of {Shortlist} is too large a part to tell how short codes may be, so evaluate on more rows.");
        }
        if (codes.FirstOrDefault(entry => Reranked(entry) is { } recall && recall >= EnoughRecall) is not { } enough)
        {
            ComparedFigures best = codes.MaxBy(Reranked)!;
            return string.Create(CultureInfo.InvariantCulture,
                $"No budget measured puts {EnoughRecall:P0} of the true ten nearest into a shortlist of {Shortlist}: the best is {Reranked(best):P1} at {best.BudgetBytes} bytes, so rerank a longer one.");
        }
        return string.Create(CultureInfo.InvariantCulture,
            $"Store {enough.BudgetBytes} bytes a vector and rerank a shortlist of {Shortlist} by the full vectors: of {report.TestRows} rows searched it holds {Reranked(enough):P1} of the true ten nearest.");
    }

    private static string Instead(EvaluationReport report, int budget)
    {
        BudgetVerdict? verdict = report.Comparison.Verdicts.FirstOrDefault(one => one.BudgetBytes == budget);
        return verdict is { BestIsBaseline: true } && !TiesWithBest(report, verdict)
            ? string.Create(CultureInfo.InvariantCulture, $", {verdict.Best} {Recall(report, budget, verdict.Best):P1}")
            : string.Empty;
    }

    private static bool IsTie(EvaluationReport report, BudgetVerdict verdict) => Baselines(report, verdict).Any();

    /// <summary>Whether the model's codes are among the best that cannot be told apart.</summary>
    private static bool TiesWithBest(EvaluationReport report, BudgetVerdict verdict) => verdict.TiedWithBest.Contains(ModelMethod(report, verdict.BudgetBytes));

    /// <summary>Baselines that the model's codes cannot be told apart from, at a budget where no baseline wins.</summary>
    private static IEnumerable<string> Baselines(EvaluationReport report, BudgetVerdict verdict)
    {
        string model = ModelMethod(report, verdict.BudgetBytes);
        return verdict.TiedWithBest.Prepend(verdict.Best).Where(method => method != model
            && verdict.Differences.Any(difference => difference.Candidate == model && difference.Baseline == method && difference.Interval.IsTie));
    }

    private static string TiedNames(EvaluationReport report, BudgetVerdict verdict)
    {
        string[] names = [.. Baselines(report, verdict)];
        int all = report.Comparison.Figures.Count(entry => entry.BudgetBytes == verdict.BudgetBytes && entry.IsBaseline);
        return names.Length > 1 && names.Length == all ? "every baseline" : Join(names);
    }

    private static string ModelMethod(EvaluationReport report, int budget) =>
        report.Comparison.Figures.First(entry => entry.BudgetBytes == budget && !entry.IsBaseline).Figures.Cost.Method;

    private static double ModelRecall(EvaluationReport report, int budget) => Recall(report, budget, ModelMethod(report, budget));

    private static string BestBaseline(EvaluationReport report, int budget) =>
        report.Comparison.Figures.Where(entry => entry.BudgetBytes == budget && entry.IsBaseline).MaxBy(entry => entry.Figures.Recall10)!.Figures.Cost.Method;

    private static double Recall(EvaluationReport report, int budget, string method) =>
        report.Comparison.Figures.First(entry => entry.BudgetBytes == budget && entry.Figures.Cost.Method == method).Figures.Recall10;

    private static double? Reranked(ComparedFigures entry) => entry.Figures.Reranked.FirstOrDefault(one => one.Shortlist == Shortlist)?.Recall10;

    private static string Join(string[] items) => items.Length < 2 ? items.FirstOrDefault() ?? string.Empty : $"{string.Join(", ", items[..^1])} and {items[^1]}";

    private static string Bytes(IEnumerable<BudgetVerdict> verdicts) => Join([.. verdicts.Select(verdict => verdict.BudgetBytes.ToString(CultureInfo.InvariantCulture))]);

    private static string Figures(IEnumerable<BudgetVerdict> verdicts, Func<BudgetVerdict, double> figure)
    {
        string[] figures = [.. verdicts.Select(verdict => figure(verdict).ToString("F3", CultureInfo.InvariantCulture))];
        return figures.Distinct().Count() == 1 ? figures[0] : Join(figures);
    }
}
