using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Serving.Coding;

/// <summary>Turns embeddings into codes.</summary>
public interface IRowCoding
{
    /// <summary>How.</summary>
    CodeCoding Kind { get; }

    /// <summary>Latents that codes may use.</summary>
    int LatentDims { get; }

    /// <summary>Codes of at most k components.</summary>
    /// <param name="rows">Embeddings, <c>[count, inputDims]</c>.</param>
    /// <param name="count">Rows.</param>
    /// <param name="k">Most active components.</param>
    SparseCode[] Encode(ReadOnlySpan<float> rows, int count, int k);

    /// <summary>Codes for packed rows; where there are values to choose, such as the format keeps as they are.</summary>
    /// <param name="rows">Embeddings, <c>[count, inputDims]</c>.</param>
    /// <param name="count">Rows.</param>
    /// <param name="format">The format.</param>
    SparseCode[] Encode(ReadOnlySpan<float> rows, int count, PackedCodeFormat format);
}
