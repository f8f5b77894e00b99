namespace HierEmbed.Core.Tests.Readers;

/// <summary>Files that the field's own tools wrote, all with the same rows; Golden/make_formats.py says by what.</summary>
public sealed class GoldenFormatsTests
{
    private const int Rows = 7, Dims = 5;

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
}
