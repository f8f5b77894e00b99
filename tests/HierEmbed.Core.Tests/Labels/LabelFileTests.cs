using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Labels;

public sealed class LabelFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static RowLabels[] Said =>
    [
        new("a", "naïve 猫 \"quoted\" <b>", "7"),
        default,
        new(null, null, ""),
        new("half a pair \ud83d", new string('x', 5000)),
        default,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2000)]
    public async Task ReadAll_WhatWasWritten_ComesBackWithItsHash(int times)
    {
        using var spool = new LabelSpool(folder.Path("spool"));
        // Twice: what a batch held before is gone.
        spool.Add(new RowLabels("old"));
        spool.Clear();
        RowLabels[] rows = [.. Enumerable.Repeat(Said, times).SelectMany(all => all)];
        foreach (RowLabels row in rows)
            spool.Add(row);
        (byte[] bytes, string sha256) = await WriteAsync(spool);

        LabelFile file = await LabelFile.OpenAsync("a.labels", new MemoryStream(bytes), Cancellation);
        var read = new List<RowLabels>();
        Assert.Equal(sha256, await file.ReadAllAsync((row, source, said) =>
        {
            Assert.Equal((read.Count, row * 3L), (row, source));
            read.Add(said);
        }, Cancellation));

        Assert.Equal(rows.Select(Stored), read);
        for (int row = rows.Length - 1; row >= 0; row -= 7)
        {
            Assert.Equal(read[row], await file.ReadAsync(row, Cancellation));
            Assert.Equal(read[row], spool.Read(row));
        }
        // The larger one went over a temporary file.
        Assert.Equal(times > 1, Directory.Exists(folder.Path("spool")) && Directory.GetFiles(folder.Path("spool")).Length == 1);
    }

    [Fact]
    public async Task Clear_AfterSpilling_TheNextRowsStandAlone()
    {
        using var spool = new LabelSpool(folder.Path("spool"));
        for (int i = 0; i < 2000; i++)
            spool.Add(new RowLabels(null, new string('x', 1000)));
        spool.Clear();
        Assert.True(spool.IsEmpty);
        spool.Add(new RowLabels("b"));
        (byte[] bytes, _) = await WriteAsync(spool);
        LabelFile file = await LabelFile.OpenAsync("a.labels", new MemoryStream(bytes), Cancellation);
        Assert.Equal(1, file.Rows);
        Assert.Equal(new RowLabels("b"), await file.ReadAsync(0, Cancellation));
    }

    [Fact]
    public async Task Open_CutOffOrLongerAnywhere_IsRefused()
    {
        byte[] bytes = await BytesAsync();
        for (int length = 0; length < bytes.Length; length++)
            await RefusedAsync(bytes[..length]);
        await RefusedAsync([.. bytes, 0]);
    }

    /// <summary>Each bit of the file alone: refused when it is opened, or another hash at its end.</summary>
    [Fact]
    public async Task ReadAll_ABitIsWrong_IsNoticed()
    {
        using var spool = new LabelSpool();
        foreach (RowLabels row in Said.Take(3))
            spool.Add(row);
        (byte[] bytes, string sha256) = await WriteAsync(spool);
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] damaged = [.. bytes];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                LabelFile file = await LabelFile.OpenAsync("a.labels", new MemoryStream(damaged), Cancellation);
                Assert.NotEqual(sha256, await file.ReadAllAsync((_, _, _) => { }, Cancellation));
            }
            catch (ModelException e)
            {
                Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
                Assert.InRange(e.Message.Length, 50, 300);
            }
        }
    }

    public void Dispose() => folder.Dispose();

    private static RowLabels Stored(RowLabels said) => new(said.Id?.Replace('\ud83d', '\ufffd'), said.Text is { Length: > 1000 } text ? text[..1000] : said.Text, said.Label);

    private static async Task<byte[]> BytesAsync()
    {
        using var spool = new LabelSpool();
        foreach (RowLabels row in Said.Take(3))
            spool.Add(row);
        return (await WriteAsync(spool)).Bytes;
    }

    private static async Task<(byte[] Bytes, string Sha256)> WriteAsync(LabelSpool spool)
    {
        using var stream = new MemoryStream();
        string sha256 = await spool.WriteAsync(stream, Enumerable.Range(0, spool.Rows).Select(row => row * 3L).ToArray(), Cancellation);
        return (stream.ToArray(), sha256);
    }

    private static async Task RefusedAsync(byte[] bytes)
    {
        ModelException e = await Assert.ThrowsAsync<ModelException>(() => LabelFile.OpenAsync("a.labels", new MemoryStream(bytes), Cancellation));
        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
    }
}
