using HierEmbed.Cli.Coding;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;
using HierEmbed.Serving.Coding;

namespace HierEmbed.Cli.Search;

/// <summary>Makes a corpus of files: of embeddings, which are coded first, or of codes.</summary>
/// <param name="rows">Reads embeddings.</param>
/// <param name="modelId">The model.</param>
/// <param name="dictionary">Its dictionary; null where codes are the encoder's.</param>
/// <param name="packing">Its packing formats; null where it has none.</param>
/// <param name="folder">The scratch folder.</param>
/// <param name="threads">Threads; 0: one a core.</param>
internal sealed class CorpusReader(RowFiles rows, string modelId, LinearDecoder? dictionary, PackingTable? packing, string folder, int threads)
{
    /// <summary>Codes embeddings, as <c>encode</c> does for a <c>.codes</c> file.</summary>
    /// <param name="files">Full paths.</param>
    /// <param name="coder">Makes the codes.</param>
    /// <param name="k">Components of a code; not looked at where bytes are given.</param>
    /// <param name="bytes">Bytes of a code.</param>
    /// <param name="vectorDims">Length of the rows where they are kept for the rerank; null: they are not.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public SearchCorpus OfEmbeddings(IReadOnlyList<string> files, IRowCoding coder, int? k, int? bytes, int? vectorDims, CancellationToken cancellationToken)
    {
        var corpus = new SearchCorpus(folder, vectorDims);
        try
        {
            string path = corpus.NewCodesPath();
            WriteCodes(path, files, coder, k, bytes, corpus, cancellationToken);
            corpus.AddCodes(CodeFile.Open(path, modelId));
            ScratchFile.Unname(path);
            corpus.BuildIndex(dictionary, threads, cancellationToken);
            return corpus;
        }
        catch
        {
            corpus.Dispose();
            throw;
        }
    }

    /// <summary>Opens codes.</summary>
    /// <param name="files">Full paths of <c>.codes</c> files of one coding.</param>
    /// <param name="coding">How they must have been made.</param>
    /// <param name="vectorFiles">The embeddings that they were made of; null: not known.</param>
    /// <param name="vectorDims">Length of the embeddings where they are kept for the rerank; null: they are not.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public SearchCorpus OfCodes(IReadOnlyList<string> files, CodeCoding coding, IReadOnlyList<string>? vectorFiles, int? vectorDims, CancellationToken cancellationToken)
    {
        var corpus = new SearchCorpus(folder, vectorDims);
        try
        {
            foreach (string file in files)
            {
                CodeFile codes = CodeFile.Open(file, modelId);
                corpus.AddCodes(codes);
                if (codes.Coding != coding || codes.Format.LatentDims != corpus.Format.LatentDims)
                    throw new UsageException($"--corpus: {InputFiles.Shown(files[0])} and {InputFiles.Shown(file)} hold codes of different kinds; expected one coding and one prefix.");
            }
            foreach (EmbeddingBatch batch in vectorFiles is null ? [] : rows.Read(vectorFiles, cancellationToken))
                corpus.AddRows(batch);
            corpus.BuildIndex(dictionary, threads, cancellationToken);
            return corpus.Index.Rows > 0 ? corpus : throw new EmbeddingFileException(ProblemTypes.EmptyFile, InputFiles.Shown(files[0]), "it holds no codes. Encode embeddings first.");
        }
        catch
        {
            corpus.Dispose();
            throw;
        }
    }

    private void WriteCodes(string path, IReadOnlyList<string> files, IRowCoding coder, int? k, int? bytes, SearchCorpus corpus, CancellationToken cancellationToken)
    {
        using FileStream target = File.Create(path);
        PackedCodeFormat? format = null;
        CodeFileWriter? writer = null;
        try
        {
            foreach (EmbeddingBatch batch in rows.Read(files, cancellationToken))
            {
                format ??= PackingChoice.Of(coder, packing, batch, k, bytes);
                writer ??= new CodeFileWriter(target, modelId, coder.Kind, format);
                foreach (SparseCode code in coder.Encode(batch.Values, batch.Count, format))
                    writer.Add(code);
                corpus.AddRows(batch);
            }
            // A reader gives a row or refuses the file.
            writer!.Complete();
        }
        finally
        {
            writer?.Dispose();
        }
    }
}
