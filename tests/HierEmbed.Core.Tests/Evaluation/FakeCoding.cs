using HierEmbed.Core.Evaluation;

namespace HierEmbed.Core.Tests.Evaluation;

/// <summary>A coding that does what it is told.</summary>
internal sealed class FakeCoding(string method, Func<float[], IEnumerable<float>> decode, int bytes = 8) : IDocumentCoding
{
    public CodingCost Cost { get; } = new(method, bytes, 6000);

    public float[] Decode(float[] row) => [.. decode(row)];

    public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded) => Decode(rows.ToArray()).CopyTo(decoded);
}
