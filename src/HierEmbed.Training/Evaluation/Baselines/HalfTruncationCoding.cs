using HierEmbed.Core.Evaluation;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>The leading coordinates as float16, the training mean for the rest.</summary>
/// <param name="method">The method's name.</param>
/// <param name="mean">Mean of the training rows, <c>[dims]</c>.</param>
/// <param name="kept">Coordinates kept, 0 to dims.</param>
internal sealed class HalfTruncationCoding(string method, float[] mean, int kept) : IDocumentCoding
{
    /// <inheritdoc />
    public CodingCost Cost { get; } = new(method, 2 * kept, mean.Length * sizeof(float));

    /// <inheritdoc />
    public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            int d = i % mean.Length;
            decoded[i] = d < kept ? (float)(Half)rows[i] : mean[d];
        }
    }
}
