using System.Buffers;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers;

/// <summary>Formats that are not read from front to back need a stream that can seek.</summary>
internal static class SeekableStream
{
    /// <summary>The stream itself where it can seek; else its content in a temporary file, which goes when it is closed.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="stream">Closed where it is copied.</param>
    /// <param name="options">Says how large the temporary file may become.</param>
    /// <param name="cancellationToken">Stops the copying.</param>
    /// <exception cref="EmbeddingFileException">It would become larger.</exception>
    public static Stream Of(string file, Stream stream, ReaderOptions options, CancellationToken cancellationToken)
    {
        if (stream.CanSeek)
            return stream;
        FileStream spool = TemporaryFile.Create();
        try
        {
            using (stream)
                Copy(file, stream, spool, options.MaxSpoolBytes, cancellationToken);
            spool.Position = 0;
            return spool;
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private static void Copy(string file, Stream stream, FileStream spool, long maxBytes, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            for (int read; (read = stream.Read(buffer)) > 0; spool.Write(buffer.AsSpan(0, read)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (spool.Position + read > maxBytes)
                    throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file,
                        $"the content is larger than the {maxBytes} bytes that are unpacked to a temporary file. Upload it uncompressed, or as several files.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
