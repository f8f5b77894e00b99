using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Core.Search;

/// <summary>How many codes of how many components an index takes: all that a forecast of its size needs.</summary>
/// <param name="Rows">Codes.</param>
/// <param name="K">Most active components of one.</param>
/// <param name="Grid">Where their values stand; null: not known, and taken for others than those before.</param>
public readonly record struct IndexedCodes(long Rows, int K, ValueGrid? Grid = null)
{
    /// <summary>What a file's header says.</summary>
    public static IndexedCodes Of(CodeFile file) => new(file.Rows, file.Format.K, file.Format.Grid);
}
