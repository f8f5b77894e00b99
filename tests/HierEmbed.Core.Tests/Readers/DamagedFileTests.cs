using System.Diagnostics;
using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

/// <summary>Whatever a file holds, it is read right or refused by an <see cref="EmbeddingFileException"/>; nothing else comes out.</summary>
public sealed class DamagedFileTests
{
    private static readonly ReaderOptions Small = new() { MaxRejectedFraction = 0.5, MaxTokenBytes = 64 * 1024 };

    private static readonly Dictionary<string, byte[]> Whole = new()
    {
        ["c.npy"] = Golden.Bytes("ramp-f4-le-c.npy"),
        ["half.npy"] = Golden.Bytes("ramp-f2-be-c.npy"),
        ["fortran.npy"] = Golden.Bytes("ramp-f8-le-fortran.npy"),
        ["version2.npy"] = Golden.Bytes("ramp-version2.npy"),
        ["rows.jsonl"] = Encoding.UTF8.GetBytes("{\"id\": \"a\", \"text\": \"t \\u00e9 é\", \"embeddings\": {\"float\": [1.5, -2e-3]}}\n[3, 4.25]\n{\"label\": [\"x\"], \"emb\": [NaN, 6]}\n"),
        ["v1.json"] = Encoding.UTF8.GetBytes("{\"texts\": [\"a\", \"é\"], \"embeddings\": [[1.5, -2e-3], [3, 4.25]], \"response_type\": \"embeddings_floats\"}"),
        ["v2.json"] = Encoding.UTF8.GetBytes("{\"request\": {\"model\": \"m\"}, \"response\": {\"embeddings\": {\"int8\": [[1, 2], [3, 4]], \"float\": [[1.5, -2e-3], [3, 4.25], [NaN, 1]]}, \"texts\": [\"a\"]}}"),
        ["base64.json"] = Golden.Bytes("formats/cohere-base64.json"),
        ["jobs.jsonl"] = Golden.Bytes("formats/embed-jobs.jsonl"),
        ["rows.fvecs"] = Golden.Bytes("formats/ramp.fvecs"),
        ["rows.bvecs"] = Golden.Bytes("formats/whole.bvecs"),
        ["stored.npz"] = Golden.Bytes("formats/stored.npz"),
        ["deflated.npz"] = Golden.Bytes("formats/deflated.npz"),
        ["fortran.npz"] = Golden.Bytes("formats/fortran-deflated.npz"),
        ["labels.csv"] = Golden.Bytes("formats/labels.csv"),
        ["lists.tsv"] = Golden.Bytes("formats/lists.tsv"),
        ["bare.csv"] = Golden.Bytes("formats/bare.csv"),
        ["rows.jsonl.gz"] = Golden.Bytes("formats/records.jsonl.gz"),
        ["rows.jsonl.zst"] = Golden.Bytes("formats/records.jsonl.zst"),
        ["rows.json.gz"] = Golden.Bytes("formats/records.json.gz"),
        ["wikipedia.parquet"] = Golden.Bytes("formats/wikipedia.parquet"),
        ["zstd.parquet"] = Golden.Bytes("formats/wikipedia-zstd.parquet"),
        ["half.parquet"] = Golden.Bytes("formats/float16.parquet"),
        ["split.parquet"] = Golden.Bytes("formats/repeated.parquet"),
        ["net.parquet"] = Golden.Bytes("formats/parquet-net.parquet"),
        ["list.json"] = Encoding.UTF8.GetBytes("[{\"id\": 1, \"vector\": [1.5, -2e-3]}, {\"id\": 2, \"vector\": [3, 4.25]}]"),
    };

    /// <summary>Formats that tell a file that was cut off from a whole one wherever it was cut.</summary>
    private static readonly string[] KnowTheirEnd = [".npy", ".npz", ".parquet", ".gz"];

    private static bool IsLong => Environment.GetEnvironmentVariable("HIEREMBED_LONG") == "1";

    public static TheoryData<string> Names { get; } = [.. Whole.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_CutOffAtEveryByte_IsReadOrRefused(string name)
    {
        byte[] content = Whole[name];
        int whole = Files.Read(name, content, Small).Rows.Count;
        for (int length = 0; length < content.Length; length++)
        {
            int rows = ReadOrRefuse(name, content[..length], seeks: true);
            Assert.True(rows <= whole);
            Assert.True(rows == -1 || !KnowTheirEnd.Contains(Path.GetExtension(name)), $"{name} was read although cut off at {length}.");
            if (name != "fortran.npy")
                Assert.Equal(rows, ReadOrRefuse(name, content[..length], seeks: false));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_MutatedAtRandom_IsReadOrRefusedInBoundedMemory(string name)
    {
        const int seed = 20260731;
        int rounds = IsLong ? 300_000 : 1000;
        var random = new Random(seed);
        byte[][] words = [.. "NaN|Infinity|-|[|]|{|}|,|\"|\\|\n|1e999|9999999999|(|)|'|:|\0|null".Split('|').Select(Encoding.Latin1.GetBytes)];
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        for (int round = 0; round < rounds; round++)
        {
            var content = new List<byte>(Whole[name]);
            for (int change = random.Next(1, 5); change > 0; change--)
                Mutate(content, random, words);
            ReadOrRefuse(random.Next(8) == 0 ? "unnamed" : name, [.. content], seeks: random.Next(2) == 0);
        }
        // The head of 64 KB and the pooled windows are most of it; a lying length of a gigabyte would show.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / rounds, 0, 1_000_000);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(IsLong ? 3600 : 60));
    }

    private static void Mutate(List<byte> content, Random random, byte[][] words)
    {
        if (content.Count == 0)
            return;
        int at = random.Next(content.Count);
        switch (random.Next(5))
        {
            case 0: content[at] ^= (byte)(1 << random.Next(8)); break;
            case 1: content[at] = (byte)random.Next(256); break;
            case 2: content.RemoveRange(at, Math.Min(content.Count - at, random.Next(1, 9))); break;
            case 3: content.InsertRange(at, words[random.Next(words.Length)]); break;
            default: content.InsertRange(at, content.GetRange(at, Math.Min(content.Count - at, random.Next(1, 40)))); break;
        }
    }

    /// <summary>Rows that were read; −1 where the file was refused.</summary>
    private static int ReadOrRefuse(string name, byte[] content, bool seeks)
    {
        try
        {
            ReadFile read = Files.Read(name, seeks ? new MemoryStream(content) : new DribbleStream(content), Small);
            Assert.All(read.Rows, row => Assert.All(row, value => Assert.True(float.IsFinite(value))));
            Assert.Equal(read.RowsInFile, read.Rows.Count + read.Rejections.Count);
            return read.Rows.Count;
        }
        catch (EmbeddingFileException e)
        {
            Assert.InRange(e.Message.Length, 20, 299);
            return -1;
        }
    }
}
