using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Core.Search;

/// <summary>The codes of a <c>.codes</c> file.</summary>
/// <param name="file">The file.</param>
internal sealed class PackedRows(CodeFile file) : ICodeRows
{
    private readonly PackedCodeReader reader = new(file.Format);

    public long Rows => file.Rows;

    public int K => file.Format.K;

    public IndexedCodes Kind => IndexedCodes.Of(file);

    public float[] Levels { get; } = LevelsOf(file.Format);

    public int Read(long row, Span<int> latents, Span<byte> symbols, out float scale) => reader.ReadSymbols(file.Packed(row), latents, symbols, out scale);

    private static float[] LevelsOf(PackedCodeFormat format)
    {
        var reader = new PackedCodeReader(format);
        return [.. Enumerable.Range(0, 2 * format.Grid.Levels.Length).Select(reader.SignedLevel)];
    }
}
