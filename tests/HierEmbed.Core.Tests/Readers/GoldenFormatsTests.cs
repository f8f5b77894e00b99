using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

/// <summary>Files that the field's own tools wrote, all with the same rows; Golden/make_formats.py says by what.</summary>
public sealed class GoldenFormatsTests
{
    private const int Rows = 7, Dims = 5;

    private static readonly string[] Labeled = ["records.jsonl", "records.json", "records.jsonl.gz", "records.jsonl.zst", "labels.csv", "labels.tsv", "labels.csv.zst", "parquet-net.parquet"];

    private static readonly float[][] Ramp = [.. Enumerable.Range(0, Rows).Select(r => Enumerable.Range(0, Dims).Select(d => r + (d / 8f) - 3).ToArray())];

    [Theory]
    [InlineData("ramp.fvecs", "fvecs", "float32")]
    [InlineData("stored.npz", "npz", "<f4")]
    [InlineData("deflated.npz", "npz", "<f4")]
    [InlineData("half.npz", "npz", "<f2")]
    [InlineData("fortran.npz", "npz", "<f4")]
    [InlineData("fortran-deflated.npz", "npz", "<f8")]
    [InlineData("records.jsonl", "jsonl", "float")]
    [InlineData("records.json", "json", "float")]
    [InlineData("records.jsonl.gz", "jsonl", "float")]
    [InlineData("members.jsonl.gz", "jsonl", "float")]
    [InlineData("records.jsonl.zst", "jsonl", "float")]
    [InlineData("frames.jsonl.zst", "jsonl", "float")]
    [InlineData("records.json.gz", "json", "float")]
    [InlineData("cohere-base64.json", "cohere", "base64")]
    [InlineData("embed-jobs.jsonl", "jsonl", "float")]
    [InlineData("wikipedia.parquet", "parquet", "float32")]
    [InlineData("wikipedia-zstd.parquet", "parquet", "float32")]
    [InlineData("float64.parquet", "parquet", "float64")]
    [InlineData("float16.parquet", "parquet", "float16")]
    [InlineData("repeated.parquet", "parquet", "float32")]
    [InlineData("parquet-net.parquet", "parquet", "float32")]
    [InlineData("names.csv", "csv", "float")]
    [InlineData("bare.csv", "csv", "float")]
    [InlineData("index.csv", "csv", "float")]
    [InlineData("labels.csv", "csv", "float")]
    [InlineData("labels.tsv", "tsv", "float")]
    [InlineData("labels.csv.gz", "csv", "float")]
    [InlineData("labels.csv.zst", "csv", "float")]
    [InlineData("semicolons.csv", "csv", "float")]
    [InlineData("lists.csv", "csv", "float")]
    [InlineData("lists.tsv", "tsv", "float")]
    public void Read_FileOfTheFieldsOwnTool_HasItsRows(string name, string format, string elementType)
    {
        foreach (string shown in (string[])[name, "unnamed"])
        {
            foreach (bool seeks in (bool[])[true, false])
            {
                byte[] content = Golden.Bytes($"formats/{name}");
                ReadFile read = Files.Read(shown, seeks ? new MemoryStream(content) : new DribbleStream(content, 97));
                Assert.Equal(Ramp, read.Rows);
                Assert.Equal((format, elementType, Dims), (read.Info.Format, read.Info.ElementType, read.Info.Dims));
            }
        }
    }

    [Fact]
    public void Read_FileWithIdsTextsAndLabels_KeepsThem()
    {
        foreach (string name in Labeled)
        {
            ReadFile read = Files.Read(name, Golden.Bytes($"formats/{name}"));
            Assert.Equal(Enumerable.Range(0, Rows).Select(i => new RowLabels($"row-{i}", $"text {i}, \"quoted\"\nand é", $"class {i % 2}")), read.Labels);
        }
        ReadFile lists = Files.Read("lists.csv", Golden.Bytes("formats/lists.csv"));
        Assert.Equal(new RowLabels("row-6", "text 6, \"quoted\"\nand é", null), lists.Labels[6]);
        Assert.Equal("6", Files.Read("index.csv", Golden.Bytes("formats/index.csv")).Labels[6].Id);
    }

    /// <summary>NumPy rounds float64 to float32 after the text was rounded to float64, so that a value in a thousand million differs by a bit; here it is rounded once.</summary>
    [Theory]
    [InlineData("random.csv")]
    [InlineData("random-short.csv")]
    [InlineData("random.jsonl")]
    [InlineData("random.json")]
    public void Read_RandomNumbersInText_AreNumPysToTheBit(string name) =>
        Assert.Equal(Files.Read("random.npy", Golden.Bytes("formats/random.npy")).Rows, Files.Read(name, Golden.Bytes($"formats/{name}")).Rows);
}
