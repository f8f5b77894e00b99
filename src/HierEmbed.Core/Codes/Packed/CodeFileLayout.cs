using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Codes.Packed;

/// <summary>The layout of a <c>.codes</c> file. All numbers are little-endian.</summary>
/// <remarks>
/// <code>
/// header   8  magic "HECODES\n"
///          4  format version, 1
///          4  length of the header, a multiple of 64
///          4  latentDims
///          4  k, most active components of a row
///          4  bytesPerVector
///          4  coding: 0 pursuit, 1 encoder
///          4  levels
///          4  length of the model id
///             model id, UTF-8
///             levels, float32 each, ascending, in units of a row's scale
///             zeros
///          8  XXH3 of the header before it
/// rows        rows × bytesPerVector, each as PackedCodeFormat says
/// ids         absent where no row has one; else rows × int64, the end of each id in the text that follows, and the text, UTF-8; no id: 0 bytes
/// footer   8  rows
///          8  length of the ids section
///          8  XXH3 of the rows
///          8  XXH3 of the ids section
///          8  XXH3 of the header and of the footer before it
///          8  magic "HECODES\n"
/// </code>
/// The footer comes last so that a file can be written to a stream that does not seek, and so that a file cut off anywhere is known as such.
/// </remarks>
internal static class CodeFileLayout
{
    public const int Version = 1;
    public const int Alignment = 64;
    public const int FixedHeaderBytes = 40;
    public const int HashBytes = 8;
    public const int MinHeaderBytes = Alignment;
    public const int FooterBytes = 48;
    public const int MaxModelIdBytes = 1024;

    public static ReadOnlySpan<byte> Magic => "HECODES\n"u8;

    public static ModelException Corrupt(string name, string found) =>
        new(ProblemTypes.CorruptArtifact, $"{name}: {found}. Write the codes again, or copy the file again.");
}
