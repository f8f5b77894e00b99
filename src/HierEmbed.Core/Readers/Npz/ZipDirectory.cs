using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Npz;

/// <summary>The directory at the end of a zip file (PKWARE APPNOTE 4.3), zip64 included, read strictly: what does not add up is refused before anything is unpacked.</summary>
/// <remarks>Not .NET's ZipArchive: that one checks no checksums, takes members of one name, and holds a directory of any size in memory.</remarks>
internal sealed class ZipDirectory
{
    private const int EndBytes = 22, MemberBytes = 46, LocalBytes = 30, MaxComment = ushort.MaxValue;
    private const uint EndMark = 0x06054B50, End64Mark = 0x06064B50, Locator64Mark = 0x07064B50, MemberMark = 0x02014B50, LocalMark = 0x04034B50;

    /// <summary>An .npz has a handful of arrays.</summary>
    private const int MaxMembers = 1000, MaxDirectoryBytes = 1024 * 1024;

    /// <summary>Deflate shrinks at most by 1032; what claims more lies.</summary>
    private const long MaxCompression = 1100;

    private readonly string file;
    private readonly Stream stream;
    private readonly long start;
    private readonly long directoryOffset;

    private ZipDirectory(string file, Stream stream)
    {
        this.file = file;
        this.stream = stream;
        start = stream.Position;
        (int count, long bytes, directoryOffset) = FindDirectory();
        Members = ReadMembers(count, Bytes(directoryOffset, (int)bytes));
    }

    /// <summary>The members in the directory's order; no two have one name.</summary>
    public IReadOnlyList<ZipMember> Members { get; }

    /// <summary>Reads the directory of a file that begins at the stream's position.</summary>
    /// <exception cref="EmbeddingFileException">It is cut off, malformed, or holds what no .npz holds.</exception>
    public static ZipDirectory Read(string file, Stream stream) => new(file, stream);

    /// <summary>Opens a member's content, from front to back; its length and checksum are checked at its end.</summary>
    public Stream Open(ZipMember member)
    {
        ReadOnlySpan<byte> local = Bytes(member.HeaderOffset, LocalBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalMark)
            throw Malformed($"there is no member where the directory has {Quote(member.Name)}");
        int nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(local[26..]);
        long dataOffset = member.HeaderOffset + LocalBytes + nameBytes + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(local[8..]) != (member.IsDeflated ? 8 : 0) || DecodeName(Bytes(member.HeaderOffset + LocalBytes, nameBytes)) != member.Name)
            throw Malformed($"the directory and the member disagree on {Quote(member.Name)}");
        if (dataOffset + member.PackedBytes > directoryOffset)
            throw Malformed($"{Quote(member.Name)} reaches into the directory");
        var packed = new StreamRange(stream, start + dataOffset, member.PackedBytes);
        return new VerifiedStream(file, member.IsDeflated ? new DeflateStream(packed, CompressionMode.Decompress) : packed, member);
    }

    private (int Count, long Bytes, long Offset) FindDirectory()
    {
        long length = stream.Length - start;
        int tailBytes = (int)Math.Min(length, EndBytes + MaxComment);
        long tailOffset = length - tailBytes;
        ReadOnlySpan<byte> tail = Bytes(tailOffset, tailBytes);
        for (int at = tail.Length - EndBytes; at >= 0; at--)
        {
            ReadOnlySpan<byte> end = tail[at..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndMark || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != end.Length - EndBytes)
                continue;
            long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
            long bytes = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            if (count == ushort.MaxValue || bytes == uint.MaxValue || offset == uint.MaxValue)
                (count, bytes, offset) = FindDirectory64(tailOffset + at);
            if (count is < 0 or > MaxMembers || bytes is < 0 or > MaxDirectoryBytes)
                throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file, $"the zip has {count} members in a directory of {bytes} bytes; at most {MaxMembers} are read. Save one array with numpy.savez(file, embeddings=array).");
            return offset >= 0 && offset <= tailOffset + at - bytes ? ((int)count, bytes, offset) : throw Malformed("its directory is not where its end says");
        }
        throw new EmbeddingFileException(ProblemTypes.TruncatedFile, file, "the zip has no directory at its end: it was cut off, or more follows it. Upload it again, whole.");
    }

    private (long Count, long Bytes, long Offset) FindDirectory64(long endOffset)
    {
        const int locatorBytes = 20, end64Bytes = 56;
        if (endOffset < locatorBytes)
            throw Malformed("the zip64 directory is missing");
        ReadOnlySpan<byte> locator = Bytes(endOffset - locatorBytes, locatorBytes);
        long at = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != Locator64Mark || at < 0 || at > endOffset - locatorBytes - end64Bytes)
            throw Malformed("the zip64 directory is missing");
        ReadOnlySpan<byte> end = Bytes(at, end64Bytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != End64Mark)
            throw Malformed("the zip64 directory is missing");
        return (BinaryPrimitives.ReadInt64LittleEndian(end[32..]), BinaryPrimitives.ReadInt64LittleEndian(end[40..]), BinaryPrimitives.ReadInt64LittleEndian(end[48..]));
    }

    private List<ZipMember> ReadMembers(int count, ReadOnlySpan<byte> directory)
    {
        var members = new List<ZipMember>(count);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (!directory.IsEmpty)
        {
            if (directory.Length < MemberBytes || BinaryPrimitives.ReadUInt32LittleEndian(directory) != MemberMark)
                throw Malformed("its directory is damaged");
            int nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            int extraBytes = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]);
            int bytes = MemberBytes + nameBytes + extraBytes + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (bytes > directory.Length)
                throw Malformed("its directory is damaged");
            ZipMember member = ReadMember(directory, DecodeName(directory.Slice(MemberBytes, nameBytes)), directory.Slice(MemberBytes + nameBytes, extraBytes));
            if (!names.Add(member.Name))
                throw Malformed($"two members are named {Quote(member.Name)}");
            members.Add(member);
            directory = directory[bytes..];
        }
        return members.Count == count ? members : throw Malformed($"its directory has {members.Count} members and declares {count}");
    }

    private ZipMember ReadMember(ReadOnlySpan<byte> entry, string name, ReadOnlySpan<byte> extra)
    {
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]);
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]);
        long bytes = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
        ReadOnlySpan<byte> wide = Extra64(extra);
        bytes = Widen(bytes, ref wide);
        packed = Widen(packed, ref wide);
        offset = Widen(offset, ref wide);
        const int encrypted = 1;
        if ((flags & encrypted) != 0 || method is not (0 or 8))
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file, $"the zip's member {Quote(name)} is encrypted or compressed in a way that NumPy does not write. Save it again with numpy.savez.");
        // Nothing is ever written under a member's name; but one that points elsewhere was made to do harm, or by mistake.
        if (name.Length == 0 || name.AsSpan().IndexOfAny("\\:") >= 0 || name.Any(char.IsControl) || name.Split('/').Any(part => part is "" or "." or ".."))
            throw Malformed($"a member has a path for a name, {Quote(name)}");
        if (packed < 0 || bytes < 0 || offset < 0 || packed > directoryOffset || offset > directoryOffset - packed - LocalBytes)
            throw Malformed($"{Quote(name)} lies outside the file");
        if (method == 0 ? bytes != packed : bytes > packed * MaxCompression)
            throw Malformed($"{Quote(name)} declares {bytes} bytes in {packed}, which cannot be");
        return new ZipMember(name, method == 8, BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]), packed, bytes, offset);
    }

    /// <summary>The zip64 field of a member: 64-bit values for those that do not fit into 32 bits, in their order.</summary>
    private static ReadOnlySpan<byte> Extra64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int bytes = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
                return extra.Slice(4, bytes);
            extra = extra[(4 + bytes)..];
        }
        return default;
    }

    private static long Widen(long value, ref ReadOnlySpan<byte> wide)
    {
        if (value != uint.MaxValue)
            return value;
        if (wide.Length < sizeof(long))
            return -1;
        value = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[sizeof(long)..];
        return value;
    }

    private byte[] Bytes(long offset, int count)
    {
        var bytes = new byte[count];
        stream.Position = start + offset;
        if (stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) < count)
            throw new EmbeddingFileException(ProblemTypes.TruncatedFile, file, "the zip ends early. Upload it again, whole.");
        return bytes;
    }

    // NumPy writes ASCII. What is not UTF-8 becomes replacement characters and never matches a name that is looked for.
    private static string DecodeName(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name);

    private static string Quote(string name) => $"'{string.Concat((name.Length > 40 ? name[..40] : name).Select(c => char.IsControl(c) ? '?' : c))}'";

    private EmbeddingFileException Malformed(string found) => new(ProblemTypes.MalformedFile, file, $"the zip is not well formed: {found}. Save it again with numpy.savez.");
}
