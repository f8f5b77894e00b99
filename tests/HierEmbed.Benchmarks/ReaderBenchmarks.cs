using System.Diagnostics;
using System.Globalization;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Core.Readers;
using ParquetSharp;

namespace HierEmbed.Benchmarks;

/// <summary>Reads files of every format and has what people would use read the same ones, turn by turn: medians of five.</summary>
internal sealed class ReaderBenchmarks : ISection
{
    private const int Turns = 5;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Small enough for a core's own cache, and for the pages of a new batch not to count beside the file's.</summary>
    private const int BatchRows = 256;

    public string Name => "readers";

    public Task RunAsync(BenchmarkReport report)
    {
        using var files = new ReaderFiles();
        files.Write();
        using var python = new PythonPeer("reader_peer.py");
        var rows = new List<string[]>();
        rows.Add(Compare(files, "a.npy", "numpy.load", path => python.Measure($"npy {path}")));
        rows.Add(Compare(files, "a.npz", "numpy.load", path => python.Measure($"npz {path}")));
        rows.Add(Compare(files, "a.jsonl", "json.loads a line", path => python.Measure($"jsonl {path}")));
        rows.Add(Compare(files, "bare.jsonl", "json.loads a line", path => python.Measure($"jsonl {path}")));
        rows.Add(Compare(files, "long.jsonl", "json.loads a line, float64 digits", path => python.Measure($"jsonl {path}")));
        rows.Add(Compare(files, "a.json", "json.loads", path => python.Measure($"json {path}")));
        rows.Add(Compare(files, "a.csv", "pandas.read_csv, C engine", path => python.Measure($"csv {path}")));
        rows.Add(Compare(files, "a.parquet", "ParquetSharp LogicalReader.ReadAll", ReadParquetAll));
        rows.Add(Compare(files, "a.parquet", "ParquetSharp ReadBatch, no rows made", ReadParquetBatches));
        report.Heading("Readers");
        report.Table(["file", "MB", "seconds", "MB/s", "peer", "its seconds", "peer / ours"], rows);
        return Task.CompletedTask;
    }

    private static string[] Compare(ReaderFiles files, string name, string peer, Func<string, double> readPeer)
    {
        string path = files.Path(name);
        var ours = new List<double>();
        var theirs = new List<double>();
        // The page cache is warmed, and what runs often is compiled once more, which .NET does in the background after a while: neither counts.
        long started = Stopwatch.GetTimestamp();
        do
        {
            ReadOurs(path);
            readPeer(path);
        }
        while (Stopwatch.GetElapsedTime(started) < WarmUp);
        for (int turn = 0; turn < Turns; turn++)
        {
            ours.Add(Rounds.Seconds(() => ReadOurs(path)));
            theirs.Add(readPeer(path));
        }
        (double our, double their) = (Rounds.Median(ours), Rounds.Median(theirs));
        double megabytes = new FileInfo(path).Length / 1e6;
        return [name, Text(megabytes, "F0"), Text(our, "F3"), Text(megabytes / our, "F0"), peer, Text(their, "F3"), Text(their / our, "F2")];
    }

    private static void ReadOurs(string path)
    {
        using IEmbeddingReader reader = EmbeddingReaders.Open(Path.GetFileName(path), File.OpenRead(path), ReaderOptions.Default);
        var batch = new EmbeddingBatch(BatchRows, reader.Info.Dims);
        while (reader.Read(batch)) { }
    }

    private static double ReadParquetAll(string path) => Rounds.Seconds(() =>
    {
        using var file = new ParquetFileReader(path);
        for (int group = 0; group < file.FileMetaData.NumRowGroups; group++)
        {
            using RowGroupReader rows = file.RowGroup(group);
            int count = (int)rows.MetaData.NumRows;
            using (LogicalColumnReader<string> ids = rows.Column(0).LogicalReader<string>())
                ids.ReadAll(count);
            using LogicalColumnReader<float[]> vectors = rows.Column(1).LogicalReader<float[]>();
            vectors.ReadAll(count);
        }
    });

    private static double ReadParquetBatches(string path) => Rounds.Seconds(() =>
    {
        const int levels = 1024 * 1024;
        short[] definitions = new short[levels], repetitions = new short[levels];
        float[] values = new float[levels];
        using var file = new ParquetFileReader(path);
        for (int group = 0; group < file.FileMetaData.NumRowGroups; group++)
        {
            using RowGroupReader rows = file.RowGroup(group);
            using var column = (ColumnReader<float>)rows.Column(1);
            while (column.HasNext)
                column.ReadBatch(levels, definitions, repetitions, values, out _);
        }
    });

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
