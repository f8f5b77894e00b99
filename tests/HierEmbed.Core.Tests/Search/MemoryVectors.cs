using HierEmbed.Core.Search;

namespace HierEmbed.Core.Tests.Search;

/// <summary>Full vectors that are read before they are compared, as those in files are.</summary>
internal sealed class MemoryVectors(float[] values, int dims) : IVectorRows
{
    public int Rows => values.Length / dims;

    public int Dims => dims;

    public ValueTask ReadAsync(ReadOnlyMemory<int> rows, Memory<float> into, CancellationToken cancellationToken)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            // As the interface promises its implementations.
            Assert.True(i == 0 || rows.Span[i] > rows.Span[i - 1]);
            values.AsSpan(rows.Span[i] * dims, dims).CopyTo(into.Span[(i * dims)..]);
        }
        return ValueTask.CompletedTask;
    }
}
