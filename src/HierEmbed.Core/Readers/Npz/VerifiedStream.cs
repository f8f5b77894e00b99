using System.IO.Hashing;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Npz;

/// <summary>A member's content. Where it ends, its length and checksum must be those of the directory; more than it declares is never handed on.</summary>
internal sealed class VerifiedStream(string file, Stream content, ZipMember member) : ForwardStream(content)
{
    private readonly Crc32 crc = new();
    private long done;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int read;
        try
        {
            read = Inner.Read(buffer);
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

    private EmbeddingFileException Damaged(string found, Exception? inner = null) =>
        new(ProblemTypes.MalformedFile, file, $"the member {member.Name[..Math.Min(40, member.Name.Length)]} cannot be used: {found}. Upload the file again, or save it again with numpy.savez.", inner: inner);
}
