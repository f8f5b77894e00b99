using System.Buffers;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers;

/// <summary>Formats that are not read from front to back need a stream that can seek.</summary>
internal static class SeekableStream
{
    /// <summary>The stream itself where it can seek; else its content in a temporary file, which goes when it is closed.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="stream">Closed where it is copied.</param>
    /// <param name="options">Says where the temporary file is and how large it may become.</param>
    /// <param name="cancellationToken">Stops the copying.</param>
    /// <exception cref="EmbeddingFileException">It would become larger.</exception>
    /// <exception cref="DatasetException">Its folder takes no more.</exception>
    public static Stream Of(string file, Stream stream, ReaderOptions options, CancellationToken cancellationToken)
    {
        if (stream.CanSeek)
            return stream;
        string folder = string.IsNullOrEmpty(options.SpoolFolder) ? Path.GetTempPath() : Path.GetFullPath(options.SpoolFolder);
        FileStream spool = Create(folder);
        try
        {
            using (stream)
                Copy(file, stream, spool, options.MaxSpoolBytes, cancellationToken);
            return spool;
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private static FileStream Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return TemporaryFile.Create(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NoSpace(folder, e);
        }
    }

    private static void Copy(string file, Stream stream, FileStream spool, long maxBytes, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            long written = 0;
            for (int read; (read = stream.Read(buffer)) > 0; written += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (written + read > maxBytes)
                    throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file,
                        $"the content is larger than the {maxBytes} bytes that are unpacked to a temporary file. Upload it uncompressed, or as several files.");
                Write(spool, buffer.AsSpan(0, read), written);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Past the stream's buffer: what it could not write it would try again, and fail again, when it is closed.</summary>
    private static void Write(FileStream spool, ReadOnlySpan<byte> bytes, long at)
    {
        try
        {
            RandomAccess.Write(spool.SafeFileHandle, bytes, at);
        }
        catch (IOException e)
        {
            throw NoSpace(Path.GetDirectoryName(spool.Name)!, e);
        }
    }

    /// <summary>The upload is not at fault: a dataset that leaves bad files out keeps it.</summary>
    private static DatasetException NoSpace(string folder, Exception e)
    {
        string found = e.Message.ReplaceLineEndings(" ").TrimEnd('.');
        return new(ProblemTypes.TooLittleSpace, $"{folder} does not take the temporary file of what is unpacked: {(found.Length > 100 ? found[..100] : found)}. Make room there, or set scratchPath to a larger disk.", e);
    }
}
