using System.Numerics.Tensors;
using HierEmbed.Core.Evaluation;

namespace HierEmbed.Core.Tests.Evaluation;

/// <summary>Rows of an array, made of unit length, and the product of rows written plainly.</summary>
internal sealed class MatrixRows : IEvaluationRows
{
    private readonly float[] values;

    public MatrixRows(float[] values, int dims)
    {
        this.values = [.. values];
        Dims = dims;
        for (int at = 0; at < values.Length; at += dims)
        {
            Span<float> row = this.values.AsSpan(at, dims);
            TensorPrimitives.Divide(row, TensorPrimitives.Norm<float>(row), row);
        }
    }

    public int Rows => values.Length / Dims;

    public int Dims { get; }

    public static MatrixRows Gaussian(int rows, int dims, int seed)
    {
        var random = new Random(seed);
        return new MatrixRows([.. Enumerable.Range(0, rows * dims).Select(_ => (float)Enumerable.Range(0, 6).Sum(_ => random.NextDouble() - 0.4))], dims);
    }

    public static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int dims, Span<float> c)
    {
        for (int i = 0; i < a.Length / dims; i++)
        {
            for (int j = 0; j < b.Length / dims; j++)
                c[(i * (b.Length / dims)) + j] = TensorPrimitives.Dot(a.Slice(i * dims, dims), b.Slice(j * dims, dims));
        }
    }

    public ReadOnlySpan<float> Row(int row) => values.AsSpan(row * Dims, Dims);

    public void Read(int first, Span<float> target) => values.AsSpan(first * Dims, target.Length).CopyTo(target);
}
