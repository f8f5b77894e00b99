using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;

namespace HierEmbed.Core.Tests.Search;

/// <summary>Files of pursuit codes in a folder of their own.</summary>
/// <param name="usual">The dictionary of files that name no other.</param>
internal sealed class WrittenCodes(LinearDecoder usual) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<CodeFile> open = [];

    /// <summary>Codes rows into a file, and opens it.</summary>
    public CodeFile Write(float[] rows, int k, string modelId = "test-model", LinearDecoder? dictionary = null)
    {
        dictionary ??= usual;
        PackedCodeFormat format = PackedCodeFormat.ForK(dictionary.LatentDims, k, new ValueGrid([.. Enumerable.Range(1, k + 2).Select(level => (float)level / (k + 2))]));
        string path = folder.Path($"{open.Count}.codes");
        using (FileStream target = File.Create(path))
        using (var writer = new CodeFileWriter(target, modelId, CodeCoding.Pursuit, format))
        {
            foreach (SparseCode code in new PursuitCoder(dictionary).Encode(rows, format))
                writer.Add(code);
            writer.Complete();
        }
        open.Add(CodeFile.Open(path));
        return open[^1];
    }

    public void Dispose()
    {
        foreach (CodeFile file in open)
            file.Dispose();
        folder.Dispose();
    }
}
