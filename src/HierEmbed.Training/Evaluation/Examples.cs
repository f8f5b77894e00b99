using HierEmbed.Core.Codes;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Readers;
using HierEmbed.Training.Evaluation.Codings;

namespace HierEmbed.Training.Evaluation;

/// <summary>A few queries that have texts, with the texts of their neighbours.</summary>
internal sealed class Examples
{
    private const int Most = 6, NeighboursShown = 5, TrueNeighbours = 10;

    private readonly RetrievalEvaluation retrieval;
    private readonly NormalizedRows rows;
    private readonly IReadOnlyList<RowLabels> labels;
    private readonly int[] chosen;

    /// <param name="retrieval">Queries and exact neighbours.</param>
    /// <param name="rows">The rows that are searched.</param>
    /// <param name="labels">Their texts; null where there are none.</param>
    public Examples(RetrievalEvaluation retrieval, NormalizedRows rows, IReadOnlyList<RowLabels>? labels)
    {
        this.retrieval = retrieval;
        this.rows = rows;
        this.labels = labels ?? [];
        int[] withText = labels is null ? [] : [.. Enumerable.Range(0, retrieval.Queries.Count).Where(q => !string.IsNullOrWhiteSpace(labels[retrieval.Queries[q]].Text))];
        int count = Math.Min(Most, withText.Length);
        // From the middle of each sixth: spread over the rows.
        chosen = [.. Enumerable.Range(0, count).Select(i => withText[(int)(((2L * i) + 1) * withText.Length / (2 * count))])];
    }

    /// <summary>Budgets that examples are shown at, in this order.</summary>
    public static IReadOnlyList<int> Budgets { get; } = [32, 16];

    /// <summary>A method's neighbours of each example.</summary>
    /// <param name="bytes">The budget.</param>
    /// <param name="found">Its ranking of each query.</param>
    /// <param name="score">Its score of a query, by its place, and a row.</param>
    public IReadOnlyList<ExampleRanking> Rank(int bytes, IReadOnlyList<IReadOnlyList<int>> found, Func<int, int, float> score) =>
        [.. chosen.Select(q => new ExampleRanking(bytes, Neighbours(q, found[q], score)))];

    /// <summary>Scores by the cosine of a query and a rebuilt row.</summary>
    public Func<int, int, float> Cosines(IDocumentCoding coding) => (query, row) =>
    {
        float[] values = Row(row), decoded = new float[rows.Dims];
        coding.Reconstruct(values, decoded);
        return CodeSimilarity.Cosine(Row(retrieval.Queries[query]), decoded);
    };

    /// <summary>Scores by the cosine of codes.</summary>
    public Func<int, int, float> Scores(CodeCosines cosines) => (query, row) =>
    {
        var scores = new float[retrieval.Queries.Count];
        cosines.Score(row, Row(row), scores);
        return scores[query];
    };

    /// <summary>The examples with their neighbours by full cosine and by every budget shown.</summary>
    /// <param name="byBudget">What <see cref="Rank"/> gave; a budget that has none is left out.</param>
    public IReadOnlyList<ExampleNeighbours> Together(IReadOnlyList<IReadOnlyList<ExampleRanking>> byBudget) =>
    [
        .. chosen.Select((q, i) => new ExampleNeighbours(
            Text(retrieval.Queries[q]),
            Neighbours(q, retrieval.ExactNeighbours(q), (query, row) => CodeSimilarity.Cosine(Row(retrieval.Queries[query]), Row(row))),
            [.. byBudget.Where(rankings => rankings.Count == chosen.Length).Select(rankings => rankings[i]).OrderByDescending(ranking => ranking.BudgetBytes)])),
    ];

    private ExampleNeighbour[] Neighbours(int query, IReadOnlyList<int> ranking, Func<int, int, float> score)
    {
        int[] nearest = [.. retrieval.ExactNeighbours(query).Take(TrueNeighbours)];
        return [.. ranking.Take(NeighboursShown).Select(row => new ExampleNeighbour(Text(row), score(query, row), nearest.Contains(row)))];
    }

    private string Text(int row) => labels[row].Text ?? labels[row].Id ?? string.Empty;

    private float[] Row(int row)
    {
        var values = new float[rows.Dims];
        rows.Read(row, values);
        return values;
    }
}
