namespace HierEmbed.Core.Evaluation;

/// <summary>L2-normalized rows that training never saw, in memory or on disk.</summary>
public interface IEvaluationRows
{
    /// <summary>Number of rows.</summary>
    int Rows { get; }

    /// <summary>Length of a row.</summary>
    int Dims { get; }

    /// <summary>Copies consecutive rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="values">Filled with <c>values.Length / dims</c> rows of unit length, row-major.</param>
    void Read(int first, Span<float> values);
}
