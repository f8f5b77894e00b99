using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Core.Search;

/// <summary>How many codes of how many components an index takes: all that a forecast of its size needs.</summary>
/// <param name="Rows">Codes.</param>
/// <param name="K">Most active components of one.</param>
public readonly record struct IndexedCodes(long Rows, int K)
{
    /// <summary>What a file's header says.</summary>
    public static IndexedCodes Of(CodeFile file) => new(file.Rows, file.Format.K);
}
