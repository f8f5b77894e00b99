using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace HierEmbed.Core.Readers.Compression;

/// <summary>The content of a gzip file (RFC 1952), of all its members one after another, each held to its checksum and length.</summary>
/// <remarks>Not .NET's GZipStream: that one takes a file that was cut off anywhere for a whole one.</remarks>
internal sealed class GzipContent : ForwardStream
{
    private const int TrailerBytes = 8;

    private readonly Input input;
    private readonly Crc32 crc = new();
    private DeflateStream? member;
    private uint memberBytes;

    public GzipContent(Stream packed)
        : this(new Input(packed))
    {
    }

    private GzipContent(Input input)
        : base(input) => this.input = input;

    /// <exception cref="EndOfStreamException">The file ends inside a member.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (member is null && !TryBegin())
                return 0;
            int read = member!.Read(buffer);
            if (read > 0)
            {
                crc.Append(buffer[..read]);
                memberBytes += (uint)read;
                return read;
            }
            End();
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            member?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Reads a member's header.</summary>
    /// <returns>False at the end of the file.</returns>
    private bool TryBegin()
    {
        const int checksum = 2, extra = 4, name = 8, comment = 16, reserved = 0xE0;
        // Tapes and block devices are padded with zeros.
        int first;
        do
            first = input.ReadByte();
        while (first == 0);
        if (first < 0)
            return false;
        Span<byte> rest = stackalloc byte[9];
        input.ReadExactly(rest);
        int flags = rest[2];
        if (first != 0x1F || rest[0] != 0x8B || rest[1] != 8 || (flags & reserved) != 0)
            throw new InvalidDataException("What stands where a gzip member was expected is none.");
        if ((flags & extra) != 0)
        {
            Span<byte> length = stackalloc byte[2];
            input.ReadExactly(length);
            for (int left = BinaryPrimitives.ReadUInt16LittleEndian(length); left > 0; left--)
                _ = input.RequireByte();
        }
        foreach (int flag in (ReadOnlySpan<int>)[name, comment])
        {
            while ((flags & flag) != 0 && input.RequireByte() != 0) { }
        }
        if ((flags & checksum) != 0)
            _ = input.RequireByte() + input.RequireByte();
        member = new DeflateStream(input, CompressionMode.Decompress, leaveOpen: true);
        return true;
    }

    /// <summary>Checks a member's trailer. How much of its last input the inflater used it does not say: but checksum and length are eight bytes that stand nowhere else.</summary>
    private void End()
    {
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, crc.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], memberBytes);
        if (!input.MoveBehind(trailer))
            throw input.AtEnd ? new EndOfStreamException("The file ends inside a gzip member.") : new InvalidDataException("A gzip member does not fit its checksum.");
        member!.Dispose();
        member = null;
        crc.Reset();
        memberBytes = 0;
    }

    /// <summary>The packed bytes, of which the part that was handed out last can be looked at again.</summary>
    private sealed class Input(Stream packed) : ForwardStream(packed)
    {
        private readonly byte[] buffer = new byte[64 * 1024];
        private int lastStart;
        private int start;
        private int end;

        /// <summary>Whether more was asked for than there is.</summary>
        public bool AtEnd { get; private set; }

        public override int Read(Span<byte> target)
        {
            if (start == end)
            {
                (lastStart, start, end) = (0, 0, Inner.Read(buffer.AsSpan(0, buffer.Length - TrailerBytes)));
                AtEnd |= end == 0;
            }
            int count = Math.Min(target.Length, end - start);
            buffer.AsSpan(start, count).CopyTo(target);
            lastStart = start;
            start += count;
            return count;
        }

        public override int ReadByte()
        {
            Span<byte> one = stackalloc byte[1];
            return Read(one) == 0 ? -1 : one[0];
        }

        public int RequireByte() => ReadByte() is >= 0 and var value ? value : throw new EndOfStreamException();

        /// <summary>Moves behind bytes that begin in what was handed out last, or right after it.</summary>
        public bool MoveBehind(ReadOnlySpan<byte> wanted)
        {
            if (end - start < wanted.Length)
            {
                // The trailer may reach beyond what is here: more is put behind it.
                buffer.AsSpan(lastStart, end - lastStart).CopyTo(buffer);
                (lastStart, start, end) = (0, start - lastStart, end - lastStart);
                int missing = Math.Min(wanted.Length - (end - start), buffer.Length - end);
                end += Inner.ReadAtLeast(buffer.AsSpan(end, missing), missing, throwOnEndOfStream: false);
            }
            int at = buffer.AsSpan(lastStart, Math.Min(end, start + wanted.Length) - lastStart).IndexOf(wanted);
            start = at < 0 ? start : lastStart + at + wanted.Length;
            return at >= 0;
        }
    }
}
