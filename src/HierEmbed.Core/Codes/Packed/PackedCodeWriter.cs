namespace HierEmbed.Core.Codes.Packed;

/// <summary>Packs codes into rows of <see cref="PackedCodeFormat.BytesPerVector"/>. Thread-safe.</summary>
/// <param name="format">The format.</param>
public sealed class PackedCodeWriter(PackedCodeFormat format)
{
    /// <summary>Packs a code. Values that stand on the grid come back as they are; others are rounded to it, at the scale that takes least off them.</summary>
    /// <param name="code">At most k components, none 0.</param>
    /// <param name="row">Receives the row, <c>[bytesPerVector]</c>.</param>
    /// <exception cref="ArgumentException">The code is of other latents or has more than k components, or the row is of another length.</exception>
    public void Write(SparseCode code, Span<byte> row)
    {
        if (code.Dims != format.LatentDims || code.Indices.Length > format.K)
            throw new ArgumentException($"The code has {code.Indices.Length} of {code.Dims} latents active; the format takes {format.K} of {format.LatentDims}.", nameof(code));
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, format.BytesPerVector, nameof(row));
        ValueGrid grid = format.Grid;
        int step = grid.BestStep(code.Values);
        float scale = CodeScale.Value(step);
        var target = new RangeEncoder(row);
        target.Write((uint)step, 1, CodeScale.Steps);
        for (int active = format.K; active > code.Indices.Length; active--)
            target.Write(PackedCodeFormat.FewerOdds - 1, 1, PackedCodeFormat.FewerOdds);
        if (code.Indices.Length > 0)
            target.Write(0, PackedCodeFormat.FewerOdds - 1, PackedCodeFormat.FewerOdds);
        format.Subsets.Write(ref target, code.Indices);
        foreach (float value in code.Values)
            target.Write((uint)((2 * grid.LevelOf(value, scale)) + (value < 0 ? 1 : 0)), 1, (uint)(2 * grid.Levels.Length));
        if (!target.TryFinish())
            throw new InvalidOperationException($"A code of {code.Indices.Length} components takes more than {row.Length} bytes.");
    }
}
