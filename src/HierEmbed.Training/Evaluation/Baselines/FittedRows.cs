using HierEmbed.Core.Evaluation;
using HierEmbed.Training.ClosedForm;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>Training rows that baselines are fitted on, in memory.</summary>
/// <param name="values">L2-normalized, row-major, <c>[rows, dims]</c>.</param>
/// <param name="dims">Length of a row.</param>
/// <param name="seed">Draws the rows that are queries when ways are tried out.</param>
/// <param name="threads">At most so many at a time.</param>
internal sealed class FittedRows(float[] values, int dims, int seed, int threads)
{
    // Formats are chosen on these: enough that a choice is no accident.
    private const int TrialRows = 1000;
    private const int TrialQueries = 300;

    private RetrievalEvaluation? trial;

    /// <summary>Row-major, <c>[rows, dims]</c>.</summary>
    public float[] Values { get; } = values;

    /// <summary>Length of a row.</summary>
    public int Dims { get; } = dims;

    /// <summary>Number of rows.</summary>
    public int Rows => Values.Length / Dims;

    /// <summary>At most so many rows, spread evenly, <c>[rows, dims]</c>.</summary>
    public float[] Spread(int most)
    {
        int count = Math.Min(most, Rows);
        var values = new float[count * Dims];
        for (int i = 0; i < count; i++)
            Values.AsSpan((int)((long)i * Rows / count) * Dims, Dims).CopyTo(values.AsSpan(i * Dims));
        return values;
    }

    /// <summary>The coding of the highest recall@10 among training rows; of equal ones the first.</summary>
    /// <remarks>Recall rather than the residual: of two ways with one residual, the one that shrinks rows less ranks better.</remarks>
    /// <param name="codings">Ways to use the same bytes.</param>
    public IDocumentCoding Best(IReadOnlyList<IDocumentCoding> codings)
    {
        // Two rows at least have a neighbour.
        if (codings.Count == 1 || Rows < 2)
            return codings[0];
        trial ??= new RetrievalEvaluation(
            new NormalizedRows(new RowMatrix(Spread(TrialRows), Math.Min(TrialRows, Rows), Dims), TrialRows, seed),
            new RetrievalOptions { MaxQueries = TrialQueries, Seed = seed, Threads = threads },
            TorchRowProduct.Multiply);
        return codings.MaxBy(coding => trial.Measure(coding).Recall10)!;
    }
}
