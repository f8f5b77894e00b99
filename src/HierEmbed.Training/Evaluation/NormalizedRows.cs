using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Training.Evaluation;

/// <summary>Raw rows as evaluations see them: chosen ones, each divided by its length as it is read.</summary>
public sealed class NormalizedRows : IEvaluationRows
{
    private readonly IRowSource source;
    private readonly int[] rows;

    /// <summary>Chooses rows.</summary>
    /// <param name="source">Raw rows; none is all zeros.</param>
    /// <param name="most">At most so many, drawn by seed; in the source's order.</param>
    /// <param name="seed">The same seed draws the same rows.</param>
    public NormalizedRows(IRowSource source, int most, int seed)
    {
        this.source = source;
        rows = EvenDraw.Of(source.Rows, most, seed);
    }

    /// <inheritdoc />
    public int Rows => rows.Length;

    /// <inheritdoc />
    public int Dims => source.Dims;

    /// <summary>Which of the source's rows they are, ascending.</summary>
    public IReadOnlyList<int> SourceRows => rows;

    /// <inheritdoc />
    public void Read(int first, Span<float> values)
    {
        for (int at = 0; at < values.Length; at += Dims)
        {
            Span<float> row = values.Slice(at, Dims);
            source.Read(rows[first++], row);
            RowNormalization.L2Normalize(row, row);
        }
    }

    /// <summary>Copies consecutive rows as they are, of whatever length.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="values">Filled with <c>values.Length / dims</c> rows, row-major.</param>
    public void ReadRaw(int first, Span<float> values)
    {
        for (int at = 0; at < values.Length; at += Dims)
            source.Read(rows[first++], values.Slice(at, Dims));
    }

    /// <summary>At most so many raw rows, spread evenly, <c>[rows, dims]</c>.</summary>
    public float[] Spread(int most)
    {
        int count = Math.Min(most, Rows);
        var values = new float[checked(count * Dims)];
        for (int i = 0; i < count; i++)
            ReadRaw((int)((long)i * Rows / count), values.AsSpan(i * Dims, Dims));
        return values;
    }

    /// <summary>All of them, <c>[rows, dims]</c>.</summary>
    public float[] ToArray()
    {
        var values = new float[checked(Rows * Dims)];
        Read(0, values);
        return values;
    }
}
