using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Models;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Readers;
using HierEmbed.Serving.Coding;
using HierEmbed.Serving.Encoders;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;

namespace HierEmbed.Serving.Tests.Support;

/// <summary>Rows of a version as a run of the pipeline stores them: codes, vectors, labels, and the index that lists them.</summary>
internal sealed record StoredTestRows
{
    public const int BytesPerVector = 8;
    public const string Run1 = "words-0000000000000001";
    public const string Run2 = "words-0000000000000002";

    public string RunId { get; init; } = Run1;

    public string Version { get; init; } = TestModels.A;

    public long Sequence { get; init; } = 1;

    /// <summary>Before the names of files, which the pipeline makes of what is in them.</summary>
    public string Content { get; init; } = "";

    public int Rows { get; init; } = 150;

    public int BlockRows { get; init; } = 100;

    public CodeCoding Coding { get; init; } = CodeCoding.Pursuit;

    public bool HasVectors { get; init; } = true;

    public bool Half { get; init; }

    public bool HasLabels { get; init; } = true;

    /// <summary>Whether the index says which row of the file a block begins with: 1000 rows are before the first.</summary>
    public bool FirstRows { get; init; } = true;

    /// <summary>What the first row of a block has as its number in its labels.</summary>
    public long LabelsFrom { get; init; }

    /// <summary>Rows of the file for a stored one: those in between were rejected.</summary>
    public long Step { get; init; } = 1;

    public string Folder => Layout.Version(TestModels.Dataset, Version);

    /// <summary>Rows of no length in particular; the same for the same run.</summary>
    public float[][] Vectors()
    {
        var random = new Random(RunId[^1]);
        float[][] rows = [.. Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, Golden.InputDims).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray())];
        return Half ? [.. rows.Select(row => Array.ConvertAll(row, value => (float)(Half)value))] : rows;
    }

    public string Codes(int block) => $"{Folder}codes/{Content}{RunId}-{block}.codes";

    public string VectorFile(int block) => $"{Folder}vectors/{Content}{RunId}-{block}.npy";

    public string LabelFile(int block) => $"{Folder}labels/{Content}{RunId}-{block}.labels";

    public string Id(int row) => $"{RunId[^1]}-{row}";

    /// <summary>Stores them and points at them. The version must be published.</summary>
    public async Task StoreAsync(IArtifactStore store)
    {
        using EncoderModel encoder = await EncoderModelLoader.LoadAsync(store, TestModels.Dataset, Version, 1);
        IRowCoding coding = Coding == CodeCoding.Encoder ? new EncoderCoding(encoder, null) : new PursuitCoding(await DictionaryLoader.LoadAsync(store, encoder.Manifest), 1);
        float[][] all = Vectors();
        PackedCodeFormat? format = null;
        var entries = new List<CodesIndexEntry>();
        for (int first = 0, block = 0; first < Rows; first += BlockRows, block++)
        {
            float[][] rows = all[first..Math.Min(Rows, first + BlockRows)];
            float[] values = [.. rows.SelectMany(row => row)];
            format ??= PackedCodeFormat.FitForBytes(coding.LatentDims, BytesPerVector, k => coding.Encode(values, rows.Length, k));
            SparseCode[] codes = coding.Encode(values, rows.Length, format);
            await store.WriteAsync(Codes(block), (stream, _) =>
            {
                using var writer = new CodeFileWriter(stream, encoder.Manifest.ModelId, coding.Kind, format);
                for (int i = 0; i < codes.Length; i++)
                    writer.Add(codes[i], HasLabels ? Id(first + i) : null);
                writer.Complete();
                return Task.CompletedTask;
            }, WriteCondition.Always);
            if (HasVectors)
            {
                await store.WriteAsync(VectorFile(block), (stream, _) =>
                {
                    if (Half)
                        NpyWriter.Write<Half>(stream, Array.ConvertAll(values, value => (Half)value), rows.Length, Golden.InputDims);
                    else
                        NpyWriter.Write<float>(stream, values, rows.Length, Golden.InputDims);
                    return Task.CompletedTask;
                }, WriteCondition.Always);
            }
            if (HasLabels)
            {
                using var labels = new LabelSpool();
                for (int i = 0; i < rows.Length; i++)
                    labels.Add(new RowLabels(Id(first + i), $"text {first + i}", i % 2 == 0 ? "even" : null));
                await store.WriteAsync(LabelFile(block), (stream, ct) => labels.WriteAsync(stream, Enumerable.Range(0, rows.Length).Select(i => LabelsFrom + (i * Step)).ToArray(), ct), WriteCondition.Always);
            }
            entries.Add(new CodesIndexEntry("words/a.npy", block, rows.Length, Path.GetFileName(Codes(block)),
                HasVectors ? Path.GetFileName(VectorFile(block)) : null, HasLabels ? Path.GetFileName(LabelFile(block)) : null, FirstRows ? 1000 + (first * Step) : null));
        }
        await new CodesIndexStore(store).WriteAsync(TestModels.Dataset, Version, new CodesPointer(RunId, Sequence), entries);
    }
}
