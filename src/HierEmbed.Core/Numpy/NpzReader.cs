using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers.Npy;

namespace HierEmbed.Core.Numpy;

/// <summary>Reads named arrays of a <c>.npz</c> back whole: for the program's own files, dictionaries and codes. Checksums are checked.</summary>
public sealed class NpzReader : IDisposable
{
    /// <summary>Deflate shrinks at most by 1032; what claims more lies.</summary>
    private const long MaxCompression = 1100;

    private readonly string name;
    private readonly ZipArchive archive;
    private readonly long fileBytes;

    private NpzReader(string name, ZipArchive archive, long fileBytes)
    {
        this.name = name;
        this.archive = archive;
        this.fileBytes = fileBytes;
    }

    /// <summary>Names of the members, without <c>.npy</c>.</summary>
    public IReadOnlyList<string> Names => [.. archive.Entries.Select(entry => entry.FullName.EndsWith(".npy", StringComparison.Ordinal) ? entry.FullName[..^4] : entry.FullName)];

    /// <summary>Opens a file.</summary>
    /// <param name="name">The artifact's name, for messages.</param>
    /// <param name="stream">Its content, from a stream that can seek; closed by the reader, and here where opening fails.</param>
    /// <exception cref="ModelException">It is no zip.</exception>
    public static NpzReader Open(string name, Stream stream)
    {
        try
        {
            if (!stream.CanSeek)
                throw new ArgumentException("A .npz is read from its end: the stream must be able to seek.", nameof(stream));
            return Translate(name, () =>
            {
                var archive = new ZipArchive(stream, ZipArchiveMode.Read);
                // The directory is read here rather than at the first member.
                _ = archive.Entries.Count;
                return new NpzReader(name, archive, stream.Length);
            });
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads one array.</summary>
    /// <typeparam name="T">Half, float, double, int, long, sbyte or byte; the stored dtype must be the same.</typeparam>
    /// <param name="member">Its name, without <c>.npy</c>.</param>
    /// <exception cref="ModelException">There is no such member, it is of another dtype, or it is damaged.</exception>
    public NpyArray<T> Read<T>(string member) where T : unmanaged
    {
        (NpyHeader header, byte[] content) = ReadMember(member);
        if (header.Descr != NpyType.Of<T>())
            throw Corrupt($"{member} has the dtype {Shorten(header.Descr)}; expected {NpyType.Of<T>()}");
        long count = Count(member, header, content.Length - header.Bytes, Marshal.SizeOf<T>());
        T[] values = MemoryMarshal.Cast<byte, T>(content.AsSpan(header.Bytes)).ToArray();
        return values.Length == count ? new NpyArray<T>(values, header.Shape) : throw Corrupt($"{member} holds {values.Length} values; expected {count}");
    }

    /// <summary>Reads an array of int32 or int64 as int64.</summary>
    internal NpyArray<long> ReadIntegers(string member)
    {
        if (ReadHeader(member).Descr != NpyType.Of<int>())
            return Read<long>(member);
        NpyArray<int> narrow = Read<int>(member);
        return new NpyArray<long>(Array.ConvertAll(narrow.Values, value => (long)value), narrow.Shape);
    }

    /// <summary>Reads a scalar of dtype <c>|S</c>, NumPy's bytes.</summary>
    internal byte[] ReadBytes(string member)
    {
        (NpyHeader header, byte[] content) = ReadMember(member);
        if (!header.Descr.StartsWith("|S", StringComparison.Ordinal) || header.Shape.Length > 0)
            throw Corrupt($"{member} is no text of bytes but {Shorten(header.Descr)} of {header.Shape.Length} dimensions");
        return content[header.Bytes..];
    }

    /// <summary>What makes this artifact unusable.</summary>
    internal ModelException Corrupt(string found, Exception? inner = null) =>
        new(ProblemTypes.CorruptArtifact, $"{name}: {found}. Publish or write it again.", inner);

    /// <inheritdoc/>
    public void Dispose() => archive.Dispose();

    private NpyHeader ReadHeader(string member) => Translate(name, () =>
    {
        using Stream content = Find(member).Open();
        return NpyHeader.Read(content);
    });

    private (NpyHeader Header, byte[] Content) ReadMember(string member) => Translate(name, () =>
    {
        ZipArchiveEntry entry = Find(member);
        if (entry.CompressedLength > fileBytes || entry.Length > Math.Min(Array.MaxLength, entry.CompressedLength * MaxCompression))
            throw Corrupt($"{member} declares {entry.Length} bytes from {entry.CompressedLength} in a file of {fileBytes}");
        var content = new byte[entry.Length];
        using (Stream stream = entry.Open())
        {
            stream.ReadExactly(content);
            if (stream.ReadByte() >= 0)
                throw Corrupt($"{member} is longer than the {entry.Length} bytes that it declares");
        }
        if (Crc32.HashToUInt32(content) != entry.Crc32)
            throw Corrupt($"{member} does not fit its checksum");
        using var memory = new MemoryStream(content, writable: false);
        return (NpyHeader.Read(memory), content);
    });

    private ZipArchiveEntry Find(string member) =>
        archive.GetEntry($"{member}.npy") ?? throw Corrupt($"it has no member {member} but {Shorten(string.Join(", ", Names))}");

    private long Count(string member, NpyHeader header, long dataBytes, int elementBytes)
    {
        if (header.FortranOrder && header.Shape.Length > 1)
            throw Corrupt($"{member} is in Fortran order; expected C order");
        Int128 count = 1;
        foreach (long size in header.Shape)
        {
            count *= size;
            if (count > Array.MaxLength)
                break;
        }
        return count * elementBytes == dataBytes ? (long)count : throw Corrupt($"{member} declares a shape of {count} values; {dataBytes / elementBytes} are there");
    }

    /// <summary>What the zip reader and the header parser throw, as the one exception that this class promises.</summary>
    private static T Translate<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException or NpyHeaderException)
        {
            throw new ModelException(ProblemTypes.CorruptArtifact, $"{name}: {Shorten(e.Message)} Publish or write it again.", e);
        }
    }

    private static string Shorten(string text) => text.Length <= 150 ? text : text[..150] + "…";
}
