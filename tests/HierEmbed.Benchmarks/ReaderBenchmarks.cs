using System.Diagnostics;
using System.Globalization;
using HierEmbed.Core.Readers;
using ParquetSharp;

namespace HierEmbed.Benchmarks;

/// <summary>Reads files of every format and has what people would use read the same ones, turn by turn: medians of five.</summary>
internal static class ReaderBenchmarks
{
    private const int Turns = 5;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Small enough for a core's own cache, and for the pages of a new batch not to count beside the file's.</summary>
    private const int BatchRows = 256;

    /// <summary>Prints one line a file.</summary>
    public static void Run()
    {
        using var files = new ReaderFiles();
        Console.WriteLine($"writing files to {files.Path("")}");
        files.Write();
        using var python = new PythonPeer();
        Console.WriteLine($"{"file",-12} {"MB",6} {"seconds",8} {"MB/s",7}   {"peer",-38} {"seconds",8}   peer/ours");
        Compare(files, "a.npy", "numpy.load", path => python.Read("npy", path));
        Compare(files, "a.npz", "numpy.load", path => python.Read("npz", path));
        Compare(files, "a.jsonl", "json.loads a line", path => python.Read("jsonl", path));
        Compare(files, "bare.jsonl", "json.loads a line", path => python.Read("jsonl", path));
        Compare(files, "long.jsonl", "json.loads a line, float64 digits", path => python.Read("jsonl", path));
        Compare(files, "a.json", "json.loads", path => python.Read("json", path));
        Compare(files, "a.csv", "pandas.read_csv, C engine", path => python.Read("csv", path));
        Compare(files, "a.parquet", "ParquetSharp LogicalReader.ReadAll", ReadParquetAll);
        Compare(files, "a.parquet", "ParquetSharp ReadBatch, no rows made", ReadParquetBatches);
    }

    private static void Compare(ReaderFiles files, string name, string peer, Func<string, double> readPeer)
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
            ours.Add(Time(() => ReadOurs(path)));
            theirs.Add(readPeer(path));
        }
        (double our, double their) = (Median(ours), Median(theirs));
        double megabytes = new FileInfo(path).Length / 1e6;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-12} {megabytes,6:F0} {our,8:F3} {megabytes / our,7:F0}   {peer,-38} {their,8:F3}   {their / our:F2}"));
    }

    private static void ReadOurs(string path)
    {
        using IEmbeddingReader reader = EmbeddingReaders.Open(Path.GetFileName(path), File.OpenRead(path), ReaderOptions.Default);
        var batch = new EmbeddingBatch(BatchRows, reader.Info.Dims);
        while (reader.Read(batch)) { }
    }

    private static double ReadParquetAll(string path) => Time(() =>
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

    private static double ReadParquetBatches(string path) => Time(() =>
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

    private static double Time(Action read)
    {
        long begin = Stopwatch.GetTimestamp();
        read();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);
}
