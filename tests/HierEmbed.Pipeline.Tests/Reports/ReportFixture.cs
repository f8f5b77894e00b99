using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Pipeline.Tests.Reports;

/// <summary>Manifests and metrics as a run leaves them, with figures that are made up and plausible.</summary>
internal static class ReportFixture
{
    public const int InputDims = 512;
    private const string Own = "pursuit codes";

    public static IReadOnlyList<int> Budgets { get; } = [16, 32, 64, 128, 256];

    private static readonly int[] Ks = [8, 16, 32, 64, 128];
    private static readonly int[] ShownBudgets = [32, 16];
    private static readonly int[] Shortlists = [50, 100, 200];

    /// <summary>recall@10 at each budget; null where the method does not go.</summary>
    private static readonly (string Method, double?[] Recall)[] Methods =
    [
        (Own, [.634, .781, .868, .924, .961]),
        ("truncation", [.021, .055, .131, .246, .401]),
        ("sign bits", [.402, .511, .648, .655, .655]),
        ("ITQ", [.552, .670, .754, .757, .758]),
        ("signed PCA", [.366, .601, .783, .893, .969]),
        ("bit-allocated PCA", [.597, .762, .878, .942, .978]),
        ("PQ", [.431, .615, .770, .885, null]),
    ];

    public static ModelManifest Manifest(string recipe = "matryoshka", long trainRows = 3200) => new()
    {
        Dataset = "wordnet-4k",
        Version = "3f9a1c0b77de4421",
        RunId = "wordnet-4k-88c1d2e3f4a5b6c7",
        CreatedAt = new DateTimeOffset(2026, 11, 29, 7, 42, 0, TimeSpan.Zero),
        ContentHash = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
        Seed = 7,
        Recipe = RecipePresets.Get(recipe).Resolve(InputDims, trainRows),
        Rows = new RowCounts(trainRows, trainRows / 8, trainRows / 8, 3),
        ParentModel = "sentence-transformers/all-MiniLM-L6-v2",
        InputType = "search_document",
        Metrics = Metrics(),
        Files = new Dictionary<string, string>(),
        Versions = new Dictionary<string, string> { ["hierembed"] = "0.1.0", ["torchsharp"] = "0.107.0", ["dotnet"] = ".NET 10.0.12", ["architecture"] = "X64" },
    };

    public static ModelMetrics Metrics(EvaluationReport? evaluation = null, int epochs = 60) => new()
    {
        Epochs = epochs,
        BestEpoch = Math.Max(1, epochs * 9 / 10),
        TrainLoss = 0.3127,
        ValidationLoss = 0.4018,
        SamplesPerSecond = 21_840.7,
        EvaluatedRows = 400,
        DeadFraction = 0.031,
        ByK = [.. Ks.Select((k, i) => new MetricsAtK(k, 0.62 - (0.09 * i), k - 0.4))],
        History = [.. Enumerable.Range(1, epochs).Select(e => new EpochMetrics(
            e, 0.31 + (0.6 * Math.Exp(-e / 9.0)), 0.40 + (0.5 * Math.Exp(-e / 7.0)) + (e > epochs * 0.9 ? 0.001 * (e - (epochs * 0.9)) : 0), 0.5, 31.2, 0.03, 21_000))],
        Recall = [.. Budgets.Select((b, i) => new RecallAtBudget(b, Methods[0].Recall[i]!.Value, 0.99, "bit-allocated PCA", 0.9))],
        Evaluation = evaluation,
    };

    public static EvaluationReport Evaluation() => new()
    {
        TestRows = 400,
        Queries = 400,
        FittedRows = 3200,
        StoredRows = 4000,
        Seed = 7,
        Comparison = Comparison(Budgets),
        ByK = [.. Ks.Select((k, i) => new FiguresAtK(k, Figures("pursuit", 0, .60 + (.085 * i)), Figures("encoder", 0, .38 + (.11 * i)), Figures("code cosine", 0, .21 + (.08 * i), rebuilds: false)))],
        Prefixes = [.. from latents in (int[])[32, 64, 128, 256, 512] from k in (int[])[8, 32] where k <= latents / 2 select new FiguresOfPrefix(latents, k, 0.3 + (0.05 * Math.Log2(latents / 16.0)) + (k / 200.0))],
        LatentUse = new LatentUse(32, 0.031, [.. Enumerable.Range(0, 256).Select(i => i > 248 ? 0 : (float)(0.31 * Math.Exp(-i / 45.0)) + 0.0025f)]),
        Labels = new LabelReport(12, 3200, 400, Labelled("full", 0), [.. Budgets.Select((b, i) => new LabelsAtBudget(b, Labelled("pursuit", 0.12 - (0.025 * i))))]),
        Examples = [Example("wine, vino"), Example("withdrawal"), Example("Greek alphabet")],
    };

    /// <summary>A dataset of a few rows: a budget, no texts, no labels, rows that training saw, figures missing where rows are too few.</summary>
    public static EvaluationReport Small() => Evaluation() with
    {
        TestRows = 40,
        Queries = 40,
        SeenInTraining = true,
        FittedRows = 40,
        StoredRows = 40,
        Comparison = Comparison([32], few: true),
        ByK = [new FiguresAtK(8, Figures("pursuit", 0, .7, few: true), Figures("encoder", 0, .5, few: true), Figures("code cosine", 0, .4, rebuilds: false, few: true))],
        Prefixes = [],
        LatentUse = new LatentUse(8, 1, [0, 0, 0]),
        Labels = null,
        Examples = [],
        LeftOut = ["256 bytes: a full vector takes no more."],
    };

    /// <summary>As recipe seed leaves it: an encoder whose codes rebuild nothing, no prefixes, the notebook's checks.</summary>
    public static EvaluationReport OfSeed() => Evaluation() with
    {
        ByK = [.. Evaluation().ByK.Select(at => at with { Pursuit = null, Encoder = null })],
        Prefixes = [],
        Notebook = new NotebookChecks(200, 0.9731, 0.9731, 188, 188, 81),
    };

    public static ExampleNeighbours Example(string text) => new(
        text,
        [.. Words.Select((word, i) => new ExampleNeighbour(word, 0.91f - (0.03f * i), true))],
        [.. ShownBudgets.Select(bytes => new ExampleRanking(bytes, [.. Words.Select((word, i) => new ExampleNeighbour(i % (bytes / 8) == 1 ? "claret, a dry red wine of Bordeaux" : word, 0.84f - (0.04f * i), i % (bytes / 8) != 1))]))]);

    private static readonly string[] Words = ["sparkling wine", "red wine: wine having a red color derived from skins of dark-colored grapes", "Burgundy", "vintage", "sherry"];

    private static ComparisonTable Comparison(IReadOnlyList<int> budgets, bool few = false)
    {
        ComparedFigures[] figures = [.. from method in Methods
                                        from bytes in budgets
                                        let recall = method.Recall[Budgets.IndexOf(bytes)]
                                        where recall is not null
                                        select new ComparedFigures(bytes, method.Method != Own, method.Method == Own ? 524.3 : 262.1, Figures(method.Method, bytes, recall.Value, few: few))];
        return new ComparisonTable(figures, [.. budgets.Select(bytes => Judge(bytes, [.. figures.Where(f => f.BudgetBytes == bytes)]))]);
    }

    private static BudgetVerdict Judge(int bytes, ComparedFigures[] entries)
    {
        ComparedFigures best = entries.MaxBy(e => e.Figures.Recall10)!;
        ComparedFigures own = entries.First(e => !e.IsBaseline);
        return new BudgetVerdict(bytes, best.Figures.Cost.Method, best.IsBaseline, [], [.. entries.Where(e => e.IsBaseline).Select(e =>
        {
            double difference = own.Figures.Recall10 - e.Figures.Recall10;
            return new MethodDifference(Own, e.Figures.Cost.Method, new BootstrapInterval(difference, difference - 0.012, difference + 0.012));
        })]);
    }

    private static RetrievalFigures Figures(string method, int bytes, double recall, bool rebuilds = true, bool few = false) => new()
    {
        Cost = new CodingCost(method, Math.Max(0, bytes - 1), 2_097_152),
        Recall10 = recall,
        Recall100 = few ? null : Math.Min(1, recall + 0.02),
        Reranked = few ? [] : [.. Shortlists.Select((shortlist, i) => new RerankedRecall(shortlist, 1 - ((1 - recall) / (8 * (i + 1)))))],
        Spearman = method == "truncation" ? null : Math.Min(0.999, recall + 0.05),
        Fvu = rebuilds && method is not ("sign bits" or "ITQ") ? 1 - recall : null,
        K = method == Own ? (bytes / 2) + 2 : null,
        L0 = method == Own ? (bytes / 2) + 1.5 : method == "pursuit" ? 8 : null,
    };

    private static LabelFigures Labelled(string method, double loss) => new(method, 0.93 - loss, 0.91 - loss, 0.89 - loss, 0.55 - loss, loss > 0.1 ? null : 0.21 - loss);

    private static int IndexOf(this IReadOnlyList<int> values, int value)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] == value)
                return i;
        }
        return -1;
    }
}
