using System.Numerics.Tensors;
using HierEmbed.Core.Codes;

namespace HierEmbed.Core.Search;

/// <summary>Codes in memory, their values rounded to 255 even steps of a code's largest.</summary>
/// <param name="codes">The codes.</param>
internal sealed class RoundedRows(IReadOnlyList<SparseCode> codes) : ICodeRows
{
    private const int Steps = 127;

    public long Rows => codes.Count;

    public int K { get; } = codes.Count == 0 ? 0 : codes.Max(code => code.Indices.Length);

    public IndexedCodes Kind => new(Rows, K);

    public float[] Levels { get; } = [.. Enumerable.Range(-Steps, (2 * Steps) + 1).Select(step => (float)step / Steps)];

    public int Read(long row, Span<int> latents, Span<byte> symbols, out float scale)
    {
        SparseCode code = codes[(int)row];
        scale = code.Values.Length == 0 ? 0 : MathF.Abs(TensorPrimitives.MaxMagnitude<float>(code.Values));
        code.Indices.CopyTo(latents);
        for (int i = 0; i < code.Values.Length; i++)
            symbols[i] = (byte)(Steps + (int)MathF.Round(code.Values[i] / scale * Steps));
        return code.Indices.Length;
    }
}
