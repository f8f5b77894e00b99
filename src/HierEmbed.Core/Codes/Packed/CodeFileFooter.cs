using System.Buffers.Binary;
using System.IO.Hashing;

namespace HierEmbed.Core.Codes.Packed;

/// <summary>The footer of a <c>.codes</c> file.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="IdBytes">Length of the ids section; 0: no ids.</param>
/// <param name="RowsHash">XXH3 of the rows.</param>
/// <param name="IdsHash">XXH3 of the ids section.</param>
internal readonly record struct CodeFileFooter(long Rows, long IdBytes, ulong RowsHash, ulong IdsHash)
{
    private const int HashedBytes = 32;

    /// <summary>The footer's bytes; header is hashed in, so that no footer fits another file's header.</summary>
    public byte[] Write(ReadOnlySpan<byte> header)
    {
        var footer = new byte[CodeFileLayout.FooterBytes];
        BinaryPrimitives.WriteInt64LittleEndian(footer, Rows);
        BinaryPrimitives.WriteInt64LittleEndian(footer.AsSpan(8), IdBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(16), RowsHash);
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(24), IdsHash);
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(HashedBytes), Hash(header, footer));
        CodeFileLayout.Magic.CopyTo(footer.AsSpan(HashedBytes + CodeFileLayout.HashBytes));
        return footer;
    }

    /// <exception cref="Errors.ModelException">It is no footer, or does not fit the file.</exception>
    public static CodeFileFooter Read(string name, ReadOnlySpan<byte> footer, ReadOnlySpan<byte> header, int bytesPerVector, long fileBytes)
    {
        if (!footer.EndsWith(CodeFileLayout.Magic))
            throw CodeFileLayout.Corrupt(name, $"it ends after {fileBytes} bytes without a footer: it was cut off or not finished");
        if (Hash(header, footer) != BinaryPrimitives.ReadUInt64LittleEndian(footer[HashedBytes..]))
            throw CodeFileLayout.Corrupt(name, "the footer does not fit its checksum");
        var read = new CodeFileFooter(BinaryPrimitives.ReadInt64LittleEndian(footer), BinaryPrimitives.ReadInt64LittleEndian(footer[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(footer[16..]), BinaryPrimitives.ReadUInt64LittleEndian(footer[24..]));
        Int128 expected = (Int128)header.Length + ((Int128)read.Rows * bytesPerVector) + read.IdBytes + CodeFileLayout.FooterBytes;
        if (read.Rows < 0 || read.IdBytes < 0 || expected != fileBytes || (read.IdBytes > 0 && read.IdBytes / sizeof(long) < read.Rows))
            throw CodeFileLayout.Corrupt(name, $"its footer declares {read.Rows} rows and {read.IdBytes} bytes of ids; the file has {fileBytes} bytes");
        return read;
    }

    private static ulong Hash(ReadOnlySpan<byte> header, ReadOnlySpan<byte> footer)
    {
        var hash = new XxHash3();
        hash.Append(header);
        hash.Append(footer[..HashedBytes]);
        return hash.GetCurrentHashAsUInt64();
    }
}
