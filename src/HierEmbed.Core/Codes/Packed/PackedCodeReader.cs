namespace HierEmbed.Core.Codes.Packed;

/// <summary>Unpacks codes. Thread-safe.</summary>
/// <param name="format">The format.</param>
public sealed class PackedCodeReader(PackedCodeFormat format)
{
    private readonly float[] levels = [.. format.Grid.Levels];

    /// <summary>Unpacks a row into buffers.</summary>
    /// <param name="row">The row, <c>[bytesPerVector]</c>.</param>
    /// <param name="indices">Receives ascending latents, room for k.</param>
    /// <param name="values">Receives their values, room for k.</param>
    /// <returns>How many there are.</returns>
    public int Read(ReadOnlySpan<byte> row, Span<int> indices, Span<float> values)
    {
        var source = new RangeDecoder(row);
        int active = ReadLatents(ref source, row, indices, out float scale);
        for (int i = 0; i < active; i++)
            values[i] = SignedLevel(source.ReadUniform(2 * levels.Length)) * scale;
        return active;
    }

    /// <summary>Unpacks a row without multiplying: the values are the scale times <see cref="SignedLevel"/> of the symbols.</summary>
    /// <param name="row">The row, <c>[bytesPerVector]</c>.</param>
    /// <param name="indices">Receives ascending latents, room for k.</param>
    /// <param name="symbols">Receives levels with their signs, room for k.</param>
    /// <param name="scale">The row's scale.</param>
    /// <returns>How many there are.</returns>
    internal int ReadSymbols(ReadOnlySpan<byte> row, Span<int> indices, Span<byte> symbols, out float scale)
    {
        var source = new RangeDecoder(row);
        int active = ReadLatents(ref source, row, indices, out scale);
        for (int i = 0; i < active; i++)
            symbols[i] = (byte)source.ReadUniform(2 * levels.Length);
        return active;
    }

    /// <summary>The value that a symbol stands for, in units of a row's scale.</summary>
    /// <param name="symbol">From 0 to twice the number of levels.</param>
    internal float SignedLevel(int symbol) => symbol % 2 == 0 ? levels[symbol / 2] : -levels[symbol / 2];

    /// <summary>Unpacks a row.</summary>
    /// <param name="row">The row, <c>[bytesPerVector]</c>.</param>
    public SparseCode Read(ReadOnlySpan<byte> row)
    {
        var indices = new int[format.K];
        var values = new float[format.K];
        int active = Read(row, indices, values);
        if (active < format.K)
        {
            indices = indices[..active];
            values = values[..active];
        }
        return new SparseCode(format.LatentDims, indices, values, System.Numerics.Tensors.TensorPrimitives.Norm<float>(values));
    }

    private int ReadLatents(ref RangeDecoder source, ReadOnlySpan<byte> row, Span<int> indices, out float scale)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, format.BytesPerVector, nameof(row));
        scale = CodeScale.Value(source.ReadUniform(CodeScale.Steps));
        int active = format.K;
        while (active > 0)
        {
            bool fewer = source.Peek(PackedCodeFormat.FewerOdds) == PackedCodeFormat.FewerOdds - 1;
            source.Take(fewer ? PackedCodeFormat.FewerOdds - 1u : 0, fewer ? 1 : PackedCodeFormat.FewerOdds - 1u);
            if (!fewer)
                break;
            active--;
        }
        format.Subsets.Read(ref source, indices[..active]);
        return active;
    }
}
