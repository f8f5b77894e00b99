using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

/// <summary>Reads a file whole, for tests.</summary>
internal static class Files
{
    /// <summary>Lets any share of rows be rejected, so that tests can look at the rest.</summary>
    public static readonly ReaderOptions Lenient = new() { MaxRejectedFraction = 1 };

    public static ReadFile Read(string name, byte[] content, ReaderOptions? options = null, int batchRows = 3) =>
        Read(name, new MemoryStream(content), options, batchRows);

    public static ReadFile Read(string name, string content, ReaderOptions? options = null, int batchRows = 3) =>
        Read(name, Encoding.UTF8.GetBytes(content), options, batchRows);

    public static ReadFile Read(string name, Stream content, ReaderOptions? options = null, int batchRows = 3)
    {
        using IEmbeddingReader reader = EmbeddingReaders.Open(name, content, options ?? ReaderOptions.Default, TestContext.Current.CancellationToken);
        return ReadToEnd(reader, batchRows);
    }

    public static ReadFile ReadToEnd(IEmbeddingReader reader, int batchRows = 3)
    {
        var batch = new EmbeddingBatch(batchRows, reader.Info.Dims);
        var rows = new List<float[]>();
        var sources = new List<long>();
        var labels = new List<RowLabels>();
        while (reader.Read(batch, TestContext.Current.CancellationToken))
        {
            for (int i = 0; i < batch.Count; i++)
                rows.Add(batch.Row(i).ToArray());
            sources.AddRange(batch.SourceRows);
            labels.AddRange(batch.Labels);
        }
        Assert.Equal(0, batch.Count);
        return new ReadFile(reader.Info, rows, sources, labels, reader.Rejections, reader.NextRow);
    }

    public static EmbeddingFileException Refused(string name, byte[] content, ReaderOptions? options = null)
    {
        var e = Assert.Throws<EmbeddingFileException>(() => Read(name, content, options));
        Assert.StartsWith(name, e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 20, 299);
        return e;
    }

    public static EmbeddingFileException Refused(string name, string content, ReaderOptions? options = null) =>
        Refused(name, Encoding.UTF8.GetBytes(content), options);

    public static byte[] Npy(float[] values, params long[] shape)
    {
        var stream = new MemoryStream();
        NpyWriter.Write<float>(stream, values, shape);
        return stream.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal))
            gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>A .npy with any text for a header.</summary>
    public static byte[] NpyWithHeader(string header, int dataBytes = 16)
    {
        byte[] text = Encoding.ASCII.GetBytes(header);
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text, .. new byte[dataBytes]];
    }
}
