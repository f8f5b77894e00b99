using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Serving.Bodies;

/// <summary>Reads a NumPy array as the body of a request.</summary>
internal static class NpyBody
{
    private const string Name = "The body";

    /// <summary>Values on their way from the body to the rows: they stay in a core's own cache, and are no large object that each request allocates.</summary>
    private const int BatchValues = 16 * 1024;

    /// <summary>What calls itself an array may be compressed, or another format that is unpacked to a file before it is told apart.</summary>
    private const long MaxSpoolBytes = 64L << 20;

    // A file may leave rows out; in a request every row must have its code, so the first rejected row is refused by name.
    private static readonly ReaderOptions Options = new() { MaxRejectedFraction = 1, MaxSpoolBytes = MaxSpoolBytes };

    /// <summary>Reads every row.</summary>
    /// <exception cref="HierEmbedException">It is no array that is read, it ends early, or a row cannot be encoded.</exception>
    public static void Read(RequestBody body, VectorRows rows, CancellationToken cancellationToken)
    {
        using Stream stream = body.OpenRead();
        using IEmbeddingReader reader = EmbeddingReaders.Open(Name, stream, Options, cancellationToken);
        if (reader.Info.Format != "npy")
            throw new RequestException(ProblemTypes.UnsupportedMediaType, $"The Content-Type is application/x-npy, the body is {reader.Info.Format}. Set the Content-Type that it has.");
        if (reader.Info.Dims != rows.Dims)
            throw rows.WrongLength(RowName.Row(0), reader.Info.Dims);
        if (reader.Info.DeclaredRows > rows.MaxRows)
            throw rows.TooMany(reader.Info.DeclaredRows.Value);
        var batch = new EmbeddingBatch(Math.Clamp(BatchValues / rows.Dims, 1, rows.MaxRows), rows.Dims);
        bool more = true;
        while (more)
        {
            more = reader.Read(batch, cancellationToken);
            if (reader.Rejections.Listed is [var rejected, ..])
                throw VectorRows.NotFinite(RowName.Row((int)rejected.Row), rejected.Detail);
            for (int i = 0; i < batch.Count; i++)
            {
                batch.Row(i).CopyTo(rows.Next());
                rows.Commit(RowName.Row(rows.Count));
            }
        }
    }
}
