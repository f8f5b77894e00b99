namespace HierEmbed.Core.Codes.Packed;

/// <summary>A packing format as a file holds it.</summary>
/// <param name="BytesPerVector">Length of a row.</param>
/// <param name="K">Most active components.</param>
/// <param name="Levels">Magnitudes in units of a row's scale, ascending.</param>
public sealed record StoredPacking(int BytesPerVector, int K, IReadOnlyList<float> Levels)
{
    /// <summary>Takes a format apart.</summary>
    public static StoredPacking Of(PackedCodeFormat format) => new(format.BytesPerVector, format.K, format.Grid.Levels.ToArray());

    /// <summary>The format.</summary>
    /// <param name="latentDims">Latents.</param>
    /// <exception cref="ArgumentException">The parts do not fit one another.</exception>
    public PackedCodeFormat ToFormat(int latentDims) => new(latentDims, K, new ValueGrid([.. Levels]), BytesPerVector);
}
