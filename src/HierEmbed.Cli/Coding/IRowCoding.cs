using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Cli.Coding;

/// <summary>Turns embeddings into codes.</summary>
internal interface IRowCoding
{
    CodeCoding Kind { get; }

    /// <summary>Latents that codes may use.</summary>
    int LatentDims { get; }

    /// <summary>Codes of at most k components.</summary>
    SparseCode[] Encode(ReadOnlySpan<float> rows, int count, int k);

    /// <summary>Codes for packed rows; where there are values to choose, such as the format keeps as they are.</summary>
    SparseCode[] Encode(ReadOnlySpan<float> rows, int count, PackedCodeFormat format);
}
