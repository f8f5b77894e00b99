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
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, format.BytesPerVector, nameof(row));
        var source = new RangeDecoder(row);
        float scale = CodeScale.Value(source.ReadUniform(CodeScale.Steps));
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
        for (int i = 0; i < active; i++)
        {
            int symbol = source.ReadUniform(2 * levels.Length);
            float value = levels[symbol / 2] * scale;
            values[i] = symbol % 2 == 0 ? value : -value;
        }
        return active;
    }

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
}
