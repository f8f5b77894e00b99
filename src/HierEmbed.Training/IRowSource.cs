namespace HierEmbed.Training;

/// <summary>Raw rows as packed, before normalization and scaling, in row order: in memory or on disk.</summary>
public interface IRowSource
{
    /// <summary>Number of rows.</summary>
    int Rows { get; }

    /// <summary>Length of a row.</summary>
    int Dims { get; }

    /// <summary>Copies consecutive rows. May be called by several threads at once.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="values">Filled with <c>values.Length / dims</c> rows, row-major.</param>
    void Read(int first, Span<float> values);
}
