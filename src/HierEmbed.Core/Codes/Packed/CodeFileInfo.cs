namespace HierEmbed.Core.Codes.Packed;

/// <summary>What the header of a <c>.codes</c> file says.</summary>
/// <param name="ModelId">The model whose dictionary the codes are of.</param>
/// <param name="Coding">How they were made.</param>
/// <param name="Format">How they are packed.</param>
public sealed record CodeFileInfo(string ModelId, CodeCoding Coding, PackedCodeFormat Format)
{
    /// <summary>Bytes that hold any header.</summary>
    public const int MaxHeaderBytes = 4096;
}
