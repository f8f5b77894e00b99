using System.Numerics.Tensors;
using HierEmbed.Core.Evaluation;

namespace HierEmbed.Core.Tests.Evaluation;

public sealed class RetrievalEvaluationTests
{
    private const int Rows = 300, Dims = 12;

    [Fact]
    public void ExactNeighbours_EqualAFullSortWithTheLowerRowFirst()
    {
        MatrixRows rows = WithDuplicates();
        var evaluation = new RetrievalEvaluation(rows, new RetrievalOptions { MaxQueries = 40, SliceRows = 37, Seed = 2 }, MatrixRows.Multiply);
        Assert.Equal(40, evaluation.Queries.Count);
        for (int q = 0; q < evaluation.Queries.Count; q++)
        {
            int query = evaluation.Queries[q];
            IEnumerable<int> expected = Enumerable.Range(0, Rows).Where(row => row != query)
                .OrderByDescending(row => TensorPrimitives.Dot(rows.Row(query), rows.Row(row))).ThenBy(row => row).Take(200);
            Assert.Equal(expected, evaluation.ExactNeighbours(q));
        }
    }

    [Fact]
    public void Measure_Noise_EqualsAPlainComputation()
    {
        MatrixRows rows = WithDuplicates();
        var coding = new FakeCoding("rounded", values => values.Select(value => MathF.Round(value * 3) / 3));
        RetrievalFigures figures = Evaluate(rows, sliceRows: 41).Measure(coding);

        double recall10 = 0, recall100 = 0, reranked50 = 0, residual = 0, variance = 0;
        double[] mean = [.. Enumerable.Range(0, Dims).Select(d => Enumerable.Range(0, Rows).Average(row => (double)rows.Row(row)[d]))];
        float[][] decoded = [.. Enumerable.Range(0, Rows).Select(row => coding.Decode(rows.Row(row).ToArray()))];
        for (int query = 0; query < Rows; query++)
        {
            int[] truth = Ranked(query, row => TensorPrimitives.Dot(rows.Row(query), rows.Row(row)));
            int[] found = Ranked(query, row => TensorPrimitives.CosineSimilarity(rows.Row(query), decoded[row]));
            recall10 += truth[..10].Intersect(found[..10]).Count() / 10.0 / Rows;
            recall100 += truth[..100].Intersect(found[..100]).Count() / 100.0 / Rows;
            reranked50 += truth[..10].Intersect(found[..50]).Count() / 10.0 / Rows;
            for (int d = 0; d < Dims; d++)
            {
                residual += Math.Pow(rows.Row(query)[d] - decoded[query][d], 2);
                variance += Math.Pow(rows.Row(query)[d] - mean[d], 2);
            }
        }
        // Cosines that differ in their last bits alone may change places: a few of 3,000.
        Assert.Equal(recall10, figures.Recall10, 2e-3);
        Assert.Equal(recall100, figures.Recall100!.Value, 2e-3);
        Assert.Equal(reranked50, figures.Reranked[0].Recall10, 2e-3);
        Assert.Equal([50, 100, 200], figures.Reranked.Select(r => r.Shortlist));
        Assert.Equal(residual / variance, figures.Fvu!.Value, 1e-5);
        Assert.InRange(recall10, 0.3, 0.9);
        Assert.Equal(figures.Recall10, figures.Recall10ByQuery.Average(x => (double)x), 1e-9);
    }

    [Fact]
    public void Measure_RowsAsTheyAre_FindsAll()
    {
        RetrievalFigures figures = Evaluate(WithDuplicates(), sliceRows: 64).Measure(new FakeCoding("float", values => values));
        // Dividing a row by its length again moves last bits: near duplicates may change places.
        Assert.InRange(figures.Recall10, 0.999, 1);
        Assert.InRange(figures.Spearman!.Value, 0.999999, 1.0000001);
        Assert.Equal(0, figures.Fvu!.Value, 1e-9);
    }

    [Fact]
    public void Measure_SliceAndThreads_ChangeNothing()
    {
        MatrixRows rows = MatrixRows.Gaussian(Rows, Dims, 4);
        var coding = new FakeCoding("rounded", values => values.Select(value => MathF.Round(value * 3) / 3));
        RetrievalFigures one = new RetrievalEvaluation(rows, new RetrievalOptions { SliceRows = 300, Threads = 1 }, MatrixRows.Multiply).Measure(coding);
        RetrievalFigures other = new RetrievalEvaluation(rows, new RetrievalOptions { SliceRows = 7, Threads = 3 }, MatrixRows.Multiply).Measure(coding);
        Assert.Equal(one.Recall10ByQuery, other.Recall10ByQuery);
        Assert.Equal((one.Recall100, one.Spearman), (other.Recall100, other.Spearman));
        Assert.Equal(one.Fvu!.Value, other.Fvu!.Value, 1e-12);
    }

    [Fact]
    public void Measure_Scores_RankAsTheyAre()
    {
        MatrixRows rows = MatrixRows.Gaussian(Rows, Dims, 4);
        RetrievalEvaluation evaluation = Evaluate(rows, sliceRows: 100);
        RetrievalFigures figures = evaluation.Measure(new CodingCost("negated", 0, 0), (_, slice, scores) =>
        {
            for (int q = 0; q < Rows; q++)
            {
                for (int i = 0; i < slice.Length / Dims; i++)
                    scores[(q * slice.Length / Dims) + i] = -TensorPrimitives.Dot(rows.Row(q), slice.Slice(i * Dims, Dims));
            }
        });
        Assert.Equal(0, figures.Recall10);
        Assert.Equal(-1, figures.Spearman!.Value, 1e-6);
        Assert.Null(figures.Fvu);
    }

    [Fact]
    public void Measure_NaN_NamesTheMethod()
    {
        RetrievalEvaluation evaluation = Evaluate(MatrixRows.Gaussian(20, Dims, 4), sliceRows: 100);
        var broken = new FakeCoding("broken", values => values.Select(_ => float.NaN));
        Assert.Contains("broken", Assert.Throws<InvalidOperationException>(() => evaluation.Measure(broken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Measure_FewRows_LeavesOutWhatEveryRankingFinds()
    {
        RetrievalFigures figures = Evaluate(MatrixRows.Gaussian(60, Dims, 4), sliceRows: 100).Measure(new FakeCoding("zeros", values => values.Select(_ => 0f)));
        Assert.Null(figures.Recall100);
        Assert.Equal([50], figures.Reranked.Select(r => r.Shortlist));
        Assert.Null(figures.Spearman);
        // All scores are equal: the lower rows are found, which are neighbours by chance.
        Assert.InRange(figures.Recall10, 0.05, 0.35);
    }

    [Fact]
    public void Constructor_OneRow_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate(MatrixRows.Gaussian(1, Dims, 4), sliceRows: 100));

    [Fact]
    public void Draw_ManySeeds_TakesEachRowAsOften()
    {
        var counts = new int[20];
        for (int seed = 0; seed < 4000; seed++)
        {
            int[] drawn = EvenDraw.Of(20, 5, seed);
            Assert.Equal(drawn.Distinct().Order(), drawn);
            foreach (int row in drawn)
                counts[row]++;
        }
        // A thousand each, give or take five standard deviations.
        Assert.All(counts, count => Assert.InRange(count, 860, 1140));
    }

    private static RetrievalEvaluation Evaluate(MatrixRows rows, int sliceRows) =>
        new(rows, new RetrievalOptions { SliceRows = sliceRows }, MatrixRows.Multiply);

    private static int[] Ranked(int query, Func<int, float> score) =>
        [.. Enumerable.Range(0, Rows).Where(row => row != query).OrderByDescending(score).ThenBy(row => row)];

    private static MatrixRows WithDuplicates()
    {
        MatrixRows rows = MatrixRows.Gaussian(Rows, Dims, 4);
        var values = new float[Rows * Dims];
        rows.Read(0, values);
        // Rows 200 to 249 repeat rows 0 to 49: every one of them ties.
        values.AsSpan(0, 50 * Dims).CopyTo(values.AsSpan(200 * Dims));
        return new MatrixRows(values, Dims);
    }
}
