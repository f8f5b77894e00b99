using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers.Npy;

namespace HierEmbed.Core.Readers.Npz;

/// <summary>The format of <c>numpy.savez</c> and <c>numpy.savez_compressed</c>: a zip of <c>.npy</c> members, one of which has the embeddings.</summary>
internal static class NpzFormat
{
    private const string Suffix = ".npy";

    /// <summary>Members that have the embeddings whatever else there is.</summary>
    private static readonly string[] Names = ["embeddings", "data", "vectors"];

    public static EmbeddingFormat Format { get; } = new("NumPy arrays (.npz)", [".npz"], IsZip, Open);

    private static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8);

    private static IEmbeddingReader Open(string name, Stream stream, ReaderOptions options, CancellationToken cancellationToken)
    {
        Stream seekable = SeekableStream.Of(name, stream, options, cancellationToken);
        Stream? content = null;
        try
        {
            ZipDirectory directory = ZipDirectory.Read(name, seekable);
            ZipMember member = Choose(name, directory);
            content = directory.Open(member);
            if (IsFortran(directory, member))
                content = SeekableStream.Of(name, content, options, cancellationToken);
            return NpyReader.OpenMember(name, content, member.Bytes, seekable, options);
        }
        catch
        {
            content?.Dispose();
            seekable.Dispose();
            throw;
        }
    }

    private static ZipMember Choose(string file, ZipDirectory directory)
    {
        ZipMember[] arrays = [.. directory.Members.Where(member => member.Name.EndsWith(Suffix, StringComparison.Ordinal))];
        if (arrays.Length == 0)
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file, "the zip holds no NumPy array. Save one with numpy.savez(file, embeddings=array).");
        ZipMember[] named = [.. arrays.Where(member => Names.Contains(member.Name[..^Suffix.Length]))];
        if (arrays.Any(member => member.Name == "indptr.npy"))
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file, "the arrays are a sparse matrix of SciPy; expected dense embeddings. Save matrix.toarray() with numpy.savez(file, embeddings=array).");
        ZipMember[] found = named.Length > 0 ? named : [.. arrays.Where(member => IsTable(directory, member))];
        if (found.Length == 1)
            return found[0];
        string list = string.Join(", ", arrays.Take(5).Select(member => member.Name[..Math.Min(30, member.Name.Length - Suffix.Length)]));
        throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file,
            $"of the arrays {list} {(found.Length == 0 ? "none has" : "several have")} two dimensions or a name that tells; expected one. Save it with numpy.savez(file, embeddings=array).");
    }

    private static bool IsTable(ZipDirectory directory, ZipMember member) => Header(directory, member)?.Shape.Length == 2;

    private static bool IsFortran(ZipDirectory directory, ZipMember member) => Header(directory, member) is { FortranOrder: true, Shape: [> 1, > 1] };

    /// <summary>A member's header; null where it has none that is well formed, which opening it will say.</summary>
    private static NpyHeader? Header(ZipDirectory directory, ZipMember member)
    {
        try
        {
            using Stream content = directory.Open(member);
            return NpyHeader.Read(content);
        }
        catch (NpyHeaderException)
        {
            return null;
        }
    }
}
