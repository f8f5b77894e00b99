namespace HierEmbed.Training.Tests;

/// <summary>Rows that hold their number in each place, and remember which of them were read.</summary>
internal sealed class CountingRows(int rows, int dims) : IRowSource
{
    public List<int> Read { get; } = [];

    public int Rows => rows;

    public int Dims => dims;

    void IRowSource.Read(int first, Span<float> values)
    {
        for (int i = 0; i < values.Length / dims; i++)
        {
            Read.Add(first + i);
            values.Slice(i * dims, dims).Fill(first + i);
        }
    }
}
