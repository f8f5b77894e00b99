using System.Globalization;
using HierEmbed.Core.Numpy;
using ParquetSharp;

namespace HierEmbed.Benchmarks;

/// <summary>The files that are read: embeddings of unit length as models make them, gone when this is disposed.</summary>
internal sealed class ReaderFiles : IDisposable
{
    private const int ArrayRows = 100_000, TextRows = 10_000, ParquetRows = 50_000, Dims = 768;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("hierembed-benchmark-");

    public string Path(string name) => System.IO.Path.Combine(folder.FullName, name);

    /// <summary>Writes the files, about one gigabyte.</summary>
    public void Write()
    {
        var random = new Random(20261125);
        float[] values = new float[ArrayRows * Dims];
        for (int i = 0; i < values.Length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()) / Dims);
            values[i] = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        using (FileStream file = File.Create(Path("a.npy")))
            NpyWriter.Write<float>(file, values, [ArrayRows, Dims]);
        using (var archive = new NpzWriter(File.Create(Path("a.npz"))))
            archive.Add<float>("embeddings", values, [ArrayRows, Dims]);
        WriteText("a.jsonl", values, "", row => $"{{\"id\": \"row-{row}\", \"embedding\": [", ", ", "]}\n", "");
        WriteText("bare.jsonl", values, "", _ => "[", ", ", "]\n", "");
        WriteText("a.json", values, "{\"embeddings\": {\"float\": [", row => row == 0 ? "[" : ", [", ", ", "]", "]}}");
        WriteText("a.csv", values, string.Join(',', Enumerable.Range(0, Dims).Select(d => $"emb_{d}")) + "\n", _ => "", ",", "\n", "");
        // Sixteen digits and more, as Python writes float64.
        WriteText("long.jsonl", values, "", _ => "[", ", ", "]\n", "", value => ((double)value * 1.0000000123).ToString("R", CultureInfo.InvariantCulture));
        WriteParquet(values);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private void WriteText(string name, float[] values, string first, Func<int, string> begin, string between, string end, string last, Func<float, string>? format = null)
    {
        format ??= value => value.ToString("R", CultureInfo.InvariantCulture);
        using StreamWriter writer = File.CreateText(Path(name));
        writer.Write(first);
        for (int row = 0; row < TextRows; row++)
        {
            writer.Write(begin(row));
            for (int d = 0; d < Dims; d++)
            {
                if (d > 0)
                    writer.Write(between);
                writer.Write(format(values[(row * Dims) + d]));
            }
            writer.Write(end);
        }
        writer.Write(last);
    }

    private void WriteParquet(float[] values)
    {
        using WriterProperties properties = new WriterPropertiesBuilder().Compression(Compression.Snappy).Build();
        using var writer = new ParquetFileWriter(Path("a.parquet"), [new Column<string>("_id"), new Column<float[]>("emb")], properties);
        const int groupRows = 10_000;
        for (int first = 0; first < ParquetRows; first += groupRows)
        {
            using RowGroupWriter group = writer.AppendRowGroup();
            using (LogicalColumnWriter<string> ids = group.NextColumn().LogicalWriter<string>())
                ids.WriteBatch([.. Enumerable.Range(first, groupRows).Select(row => $"row-{row}")]);
            using LogicalColumnWriter<float[]> rows = group.NextColumn().LogicalWriter<float[]>();
            rows.WriteBatch([.. Enumerable.Range(first, groupRows).Select(row => values.AsSpan(row * Dims, Dims).ToArray())]);
        }
        writer.Close();
    }
}
