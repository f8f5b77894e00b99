namespace HierEmbed.Core.Readers;

/// <summary>Formats that are not read from front to back need a stream that can seek.</summary>
internal static class SeekableStream
{
    /// <summary>The stream itself where it can seek; else its content in a temporary file, which goes when it is closed.</summary>
    /// <param name="stream">Closed where it is copied.</param>
    public static Stream Of(Stream stream)
    {
        if (stream.CanSeek)
            return stream;
        FileStream spool = TemporaryFile.Create();
        try
        {
            using (stream)
                stream.CopyTo(spool, 1024 * 1024);
            spool.Position = 0;
            return spool;
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }
}
