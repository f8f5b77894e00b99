using System.Buffers.Binary;

namespace HierEmbed.Core.Labels;

/// <summary>Where things stand in a label file. All numbers are little endian.</summary>
/// <remarks>
/// <code>
/// offset          bytes
/// 0               8        magic "HELABELS"
/// 8               8        version, 1
/// 16              8        rows n
/// 24              8 · n    number of each row in the file that it was read from, ascending
/// 24 + 8 n        8 · n    end of each row's text, counted from where the texts begin
/// 24 + 16 n                texts: {"id":…,"text":…,"label":…} in UTF-8, what a row lacks left out; no bytes where it lacks all
/// </code>
/// </remarks>
public static class LabelFileLayout
{
    /// <summary>Bytes of magic, version and number of rows.</summary>
    public const int HeaderBytes = 24;
    /// <summary>The version that this program reads and writes.</summary>
    public const long Version = 1;

    /// <summary>Bytes of a row's text at most.</summary>
    public const int MaxTextBytes = 1 << 20;

    /// <summary>What a file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "HELABELS"u8;

    /// <summary>Bytes before the texts.</summary>
    public static long TextsAt(long rows) => HeaderBytes + (2 * sizeof(long) * rows);

    /// <summary>Where the number of a row in the file that it was read from stands.</summary>
    public static long SourceRowAt(long row) => HeaderBytes + (sizeof(long) * row);

    /// <summary>Where the end of a row's text stands.</summary>
    public static long EndAt(long rows, long row) => HeaderBytes + (sizeof(long) * (rows + row));

    /// <summary>The header.</summary>
    public static byte[] Header(long rows)
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), rows);
        return header;
    }
}
