using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Core.Search;

/// <summary>What an index holds.</summary>
/// <param name="ModelId">The model whose codes they are; empty where that was not said.</param>
/// <param name="Source">Stands for the files that it was built of; 0: none.</param>
/// <param name="Coding">How the codes were made.</param>
/// <param name="LatentDims">Latents.</param>
/// <param name="Rows">Rows of all blocks.</param>
/// <param name="Blocks">Its blocks.</param>
internal sealed record IndexHeader(string ModelId, ulong Source, CodeCoding Coding, int LatentDims, long Rows, IReadOnlyList<IndexHeader.Block> Blocks)
{
    /// <summary>A block's rows.</summary>
    /// <param name="First">Number of the first one in the index.</param>
    /// <param name="Rows">How many.</param>
    internal readonly record struct Block(int First, int Rows);
}
