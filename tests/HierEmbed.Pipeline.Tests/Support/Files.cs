using System.Globalization;
using System.IO.Compression;
using HierEmbed.Core.Numpy;
using ParquetSharp;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>The same rows in every format, NaN included.</summary>
internal static class Files
{
    /// <summary>Rows of <see cref="SmallRows.Dims"/> values as the file's name promises them.</summary>
    public static byte[] Of(string name, float[] values) => Path.GetExtension(name) switch
    {
        ".npy" => SmallRows.Npy(values),
        ".npz" => Npz(values),
        ".parquet" => Parquet(values),
        ".jsonl" => Text(values, "[", "]\n", "null"),
        ".json" => [.. "["u8, .. Text(values, "[", "],", "null")[..^1], .. "]"u8],
        ".csv" => Text(values, "", "\n", "nan"),
        ".fvecs" => Vecs(values),
        ".gz" => Gzip(Of(Path.GetFileNameWithoutExtension(name), values)),
        var other => throw new ArgumentException($"There are no rows in {other} here.", nameof(name)),
    };

    private static byte[] Text(float[] values, string begin, string end, string notANumber) => System.Text.Encoding.UTF8.GetBytes(string.Concat(values.Chunk(SmallRows.Dims)
        .Select(row => $"{begin}{string.Join(',', row.Select(v => float.IsNaN(v) ? notANumber : v.ToString("R", CultureInfo.InvariantCulture)))}{end}")));

    private static byte[] Npz(float[] values)
    {
        using var stream = new MemoryStream();
        using (var archive = new NpzWriter(stream, CompressionLevel.Fastest))
            archive.Add<float>("embeddings", values, [values.Length / SmallRows.Dims, SmallRows.Dims]);
        return stream.ToArray();
    }

    private static byte[] Vecs(float[] values)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            foreach (float[] row in values.Chunk(SmallRows.Dims))
            {
                writer.Write(row.Length);
                foreach (float value in row)
                    writer.Write(value);
            }
        }
        return stream.ToArray();
    }

    /// <summary>Several row groups, none of them a multiple of a block.</summary>
    private static byte[] Parquet(float[] values)
    {
        using var stream = new MemoryStream();
        using (var writer = new ParquetFileWriter(stream, [new Column<float[]>("emb")], leaveOpen: true))
        {
            foreach (float[][] group in values.Chunk(SmallRows.Dims).Chunk(150))
            {
                using RowGroupWriter rows = writer.AppendRowGroup();
                using LogicalColumnWriter<float[]> column = rows.NextColumn().LogicalWriter<float[]>();
                column.WriteBatch(group);
            }
            writer.Close();
        }
        return stream.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
            gzip.Write(content);
        return stream.ToArray();
    }
}
