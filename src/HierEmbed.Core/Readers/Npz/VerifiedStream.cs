using System.IO.Hashing;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Npz;

/// <summary>A member's content. Where it ends, its length and checksum must be those of the directory; more than it declares is never handed on.</summary>
internal sealed class VerifiedStream(string file, Stream content, ZipMember member) : Stream
{
    private readonly Crc32 crc = new();
    private long done;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int read;
        try
        {
            read = content.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw Damaged("its data are damaged", e);
        }
        done += read;
        if (done > member.Bytes || (read == 0 && done < member.Bytes))
            throw Damaged($"it declares {member.Bytes} bytes and holds {(read == 0 ? $"{done}" : "more")}");
        crc.Append(buffer[..read]);
        if (read == 0 && crc.GetCurrentHashAsUInt32() != member.Crc32)
            throw Damaged("its content does not fit its checksum");
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }

    private EmbeddingFileException Damaged(string found, Exception? inner = null) =>
        new(ProblemTypes.MalformedFile, file, $"the member {member.Name[..Math.Min(40, member.Name.Length)]} cannot be used: {found}. Upload the file again, or save it again with numpy.savez.", inner: inner);
}
