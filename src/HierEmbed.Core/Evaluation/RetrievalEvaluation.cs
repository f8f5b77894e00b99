using System.Numerics.Tensors;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Search;

namespace HierEmbed.Core.Evaluation;

/// <summary>Compares rankings by stored codes with exact neighbours by full cosine, on rows that training never saw.</summary>
/// <remarks>
/// Every query is a row itself and does not count among its own neighbours. Rows are decoded and scored a slice at a time, so memory
/// does not grow with their number. Figures depend neither on the number of threads nor on what was measured before.
/// </remarks>
public sealed class RetrievalEvaluation
{
    private static readonly int[] Shortlists = [50, 100, 200];

    // A block of queries is one thread's work; its size decides the product's shape and so its last bits.
    private const int BlockQueries = 128;

    private readonly IEvaluationRows rows;
    private readonly RetrievalOptions options;
    private readonly RowProduct product;
    private readonly int[] queryRows;
    private readonly float[] queries;
    private readonly int[][] nearest;
    private readonly double[] cosineRanks;
    private readonly double variance;

    /// <summary>Draws the queries and finds their exact neighbours.</summary>
    /// <param name="rows">The rows, 2 to <see cref="RetrievalOptions.MaxRows"/>.</param>
    /// <param name="options">Limits, seed and threads.</param>
    /// <param name="product">Multiplies rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are too few or too many rows.</exception>
    public RetrievalEvaluation(IEvaluationRows rows, RetrievalOptions options, RowProduct product)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Rows, 2, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Rows, RetrievalOptions.MaxRows, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxQueries, 1, nameof(options));
        this.rows = rows;
        this.options = options;
        this.product = product;
        queryRows = EvenDraw.Of(rows.Rows, options.MaxQueries, options.Seed);
        queries = new float[queryRows.Length * rows.Dims];
        for (int q = 0; q < queryRows.Length; q++)
            rows.Read(queryRows[q], queries.AsSpan(q * rows.Dims, rows.Dims));

        var moments = new double[rows.Dims];
        double squares = 0;
        (nearest, float[] cosines) = Rank((_, slice, scores) =>
        {
            for (int at = 0; at < slice.Length; at += rows.Dims)
            {
                ReadOnlySpan<float> row = slice.AsSpan(at, rows.Dims);
                for (int d = 0; d < row.Length; d++)
                    moments[d] += row[d];
                squares += TensorPrimitives.SumOfSquares(row);
            }
            Multiply(slice, scores);
        });
        cosineRanks = RankCorrelation.MeanRanks(cosines);
        variance = squares - moments.Sum(sum => sum * sum / rows.Rows);
    }

    /// <summary>The rows that are queries, ascending.</summary>
    public IReadOnlyList<int> Queries => queryRows;

    /// <summary>The rows nearest to a query by full cosine, best first, at most 200.</summary>
    /// <param name="query">Its place in <see cref="Queries"/>.</param>
    public IReadOnlyList<int> ExactNeighbours(int query) => nearest[query];

    /// <summary>Measures codes that rows are rebuilt from, by the cosine of the float query and the rebuilt row, mean and length included.</summary>
    /// <exception cref="InvalidOperationException">The coding gave NaN or infinity.</exception>
    public RetrievalFigures Measure(IDocumentCoding coding)
    {
        double residual = 0;
        RetrievalFigures figures = Figures(coding.Cost, (_, slice, scores) =>
        {
            var decoded = new float[slice.Length];
            coding.Reconstruct(slice, decoded);
            for (int at = 0; at < slice.Length; at += rows.Dims)
            {
                Span<float> row = decoded.AsSpan(at, rows.Dims);
                float distance = TensorPrimitives.Distance<float>(slice.AsSpan(at, rows.Dims), row);
                residual += (double)distance * distance;
                float norm = TensorPrimitives.Norm<float>(row);
                // A row of zeros has no direction: it scores 0 with every query.
                if (norm > 0)
                    TensorPrimitives.Divide(row, norm, row);
            }
            Multiply(decoded, scores);
        });
        return figures with { Fvu = variance > 0 ? residual / variance : null };
    }

    /// <summary>Measures a method that has scores and rebuilds nothing.</summary>
    /// <param name="cost">The method and what it stores.</param>
    /// <param name="scores">Scores the queries against a slice.</param>
    /// <exception cref="InvalidOperationException">It gave NaN or infinity.</exception>
    public RetrievalFigures Measure(CodingCost cost, SliceScores scores) => Figures(cost, (first, slice, into) => scores(first, slice, into));

    private RetrievalFigures Figures(CodingCost cost, Action<int, float[], float[]> score)
    {
        (int[][] found, float[] sampled) = Rank((first, slice, scores) =>
        {
            score(first, slice, scores);
            if (!FiniteValues.All(scores))
                throw new InvalidOperationException($"{cost.Method}: a score of the rows from {first} is NaN or infinite.");
        });
        float[] recall10 = RecallByQuery(found, 10, 10);
        double spearman = RankCorrelation.OfRanks(RankCorrelation.MeanRanks(sampled), cosineRanks);
        return new RetrievalFigures
        {
            Cost = cost,
            Recall10 = Mean(recall10),
            Recall100 = rows.Rows > 101 ? Mean(RecallByQuery(found, 100, 100)) : null,
            Reranked = [.. Shortlists.Where(n => n < rows.Rows - 1).Select(n => new RerankedRecall(n, Mean(RecallByQuery(found, 10, n))))],
            Spearman = double.IsNaN(spearman) ? null : spearman,
            Fvu = null,
            Recall10ByQuery = recall10,
            First10ByQuery = [.. found.Select(ranking => ranking[..Math.Min(10, ranking.Length)])],
        };
    }

    private float[] RecallByQuery(int[][] found, int neighbours, int shortlist) =>
        [.. found.Select((ranking, q) => (float)Recall.Of(nearest[q], ranking, neighbours, shortlist))];

    private static double Mean(float[] values) => values.Average(value => (double)value);

    /// <summary>Best rows of every query, and the scores of a sample of pairs.</summary>
    private (int[][] Ranked, float[] Sampled) Rank(Action<int, float[], float[]> score)
    {
        Shortlist[] lists = [.. queryRows.Select(_ => new Shortlist(Shortlists[^1]))];
        var sample = new PairSample(queryRows, rows.Rows);
        for (int first = 0; first < rows.Rows; first += options.SliceRows)
        {
            int count = Math.Min(options.SliceRows, rows.Rows - first);
            var slice = new float[count * rows.Dims];
            rows.Read(first, slice);
            var scores = new float[queryRows.Length * count];
            score(first, slice, scores);
            sample.Take(first, count, scores);
            int start = first;
            Parallel.For(0, queryRows.Length, Degree, q => lists[q].Offer(start, scores.AsSpan(q * count, count), queryRows[q]));
        }
        return ([.. lists.Select(list => list.Ranked())], sample.Scores());
    }

    private void Multiply(float[] slice, float[] scores)
    {
        int count = slice.Length / rows.Dims;
        Parallel.For(0, (queryRows.Length + BlockQueries - 1) / BlockQueries, Degree, block =>
        {
            int first = block * BlockQueries, n = Math.Min(BlockQueries, queryRows.Length - first);
            product(queries.AsSpan(first * rows.Dims, n * rows.Dims), slice, rows.Dims, scores.AsSpan(first * count, n * count));
        });
    }

    private ParallelOptions Degree => new() { MaxDegreeOfParallelism = options.Threads };
}
