using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Coding;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Search;

namespace HierEmbed.Cli.Search;

/// <summary>One call of <c>hierembed search</c>.</summary>
/// <param name="model">The model's folder.</param>
/// <param name="corpus">Files that are searched.</param>
/// <param name="vectors">The embeddings of a corpus of codes; null: none.</param>
/// <param name="queries">Files of queries; null: a row of the corpus is the query.</param>
/// <param name="queryRow">Its number.</param>
/// <param name="queryId">Its id.</param>
/// <param name="k">Components of a code.</param>
/// <param name="bytes">Bytes of a code.</param>
/// <param name="coding">How codes are made; null: the default.</param>
/// <param name="rerank">How the shortlist is ranked; null: by full vectors where they are known.</param>
/// <param name="settings">Threads and the scratch folder.</param>
internal sealed class SearchWork(
    string model, string[] corpus, string[]? vectors, string[]? queries, int? queryRow, string? queryId,
    int? k, int? bytes, CodeCoding? coding, Rerank? rerank, HierEmbedOptions settings)
{
    private const string CodesExtension = ".codes";

    private readonly string folder = string.IsNullOrEmpty(settings.ScratchPath) ? Path.GetTempPath() : Path.GetFullPath(settings.ScratchPath);

    /// <summary>Codes what is not coded yet, and answers every query.</summary>
    /// <param name="options">Neighbours and shortlist.</param>
    /// <param name="defaultBytes">Bytes of a code where neither k nor bytes are asked for.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="UsageException">The options contradict one another.</exception>
    /// <exception cref="HierEmbedException">The model or a file cannot be used.</exception>
    public async Task<SearchAnswers> RunAsync(SearchOptions options, int defaultBytes, CancellationToken cancellationToken)
    {
        bool packed = CheckOptions();
        // Names first: a mistyped one should not be found after minutes of coding.
        IReadOnlyList<string> files = InputFiles.Expand(corpus);
        IReadOnlyList<string>? vectorFiles = vectors is null ? null : InputFiles.Expand(vectors), queryFiles = queries is null ? null : InputFiles.Expand(queries);
        using EncoderModel encoder = await EncoderModelLoader.LoadFolderAsync(model, settings.Threads, cancellationToken);
        CodeCoding kind = packed ? CodingOf(files[0], encoder.Manifest.ModelId) : coding ?? CodeCoding.Pursuit;
        LinearDecoder? dictionary = kind == CodeCoding.Pursuit ? await DictionaryLoader.LoadFolderAsync(model, encoder.Manifest, cancellationToken) : null;
        Rerank order = rerank ?? (packed && vectors is null ? Rerank.Codes : Rerank.Full);
        var rows = new RowFiles(encoder, settings.ScratchPath);
        PackingTable? packing = dictionary is null ? null : await PackingLoader.FindFolderAsync(model, encoder.Manifest, cancellationToken);
        var reader = new CorpusReader(rows, encoder.Manifest.ModelId, dictionary, packing, folder, settings.Threads);
        int? keptDims = order == Rerank.Full || queries is null ? encoder.InputDims : null;
        using SearchCorpus searched = packed
            ? reader.OfCodes(files, kind, vectorFiles, vectors is null ? null : encoder.InputDims, cancellationToken)
            : reader.OfEmbeddings(files, CoderOf(encoder, dictionary), RequireK(encoder.LatentDims), k is null ? bytes ?? defaultBytes : null, keptDims, cancellationToken);
        PackedCodeFormat format = searched.Format;
        Console.Error.WriteLine($"{searched.Index.Rows} codes of at most {format.K} active components in {format.BytesPerVector} bytes, an index of {searched.Index.Bytes:N0} bytes, model {encoder.Manifest.ModelId}");
        var search = new CodeSearch(searched.Index, dictionary, searched.Vectors);
        var answers = new List<QueryAnswer>();
        if (queryFiles is null)
        {
            int row = queryRow ?? searched.RowOf(queryId!);
            SearchQuery query = await search.QueryOfRowAsync(row, cancellationToken);
            answers.Add(Answer(0, row, searched.Labels(row), await search.SearchAsync(query, options with { Rerank = order }, cancellationToken), searched));
        }
        else
        {
            foreach (EmbeddingBatch batch in rows.Read(queryFiles, cancellationToken))
            {
                SearchResult[] found = await search.SearchAsync(QueriesOf(batch, encoder, kind, format), options with { Rerank = order }, settings.Threads, cancellationToken);
                for (int i = 0; i < found.Length; i++)
                    answers.Add(Answer(answers.Count, null, batch.Labels[i], found[i], searched));
            }
        }
        return new SearchAnswers(encoder.Manifest.ModelId, kind, kind == CodeCoding.Pursuit ? "asymmetric" : "codes", order, searched.Index.Rows, format.K, format.BytesPerVector, answers);
    }

    /// <summary>Whether the corpus is one of codes.</summary>
    private bool CheckOptions()
    {
        if (k is not null && bytes is not null)
            throw new UsageException("--k and --bytes are both given; expected one: each follows from the other.");
        int ways = (queries is not null ? 1 : 0) + (queryRow is null ? 0 : 1) + (queryId is null ? 0 : 1);
        if (ways != 1)
            throw new UsageException($"{(ways == 0 ? "none" : "more than one")} of --queries, --query-row and --query-id is given; expected one of them.");
        int codeFiles = corpus.Count(IsCodes);
        if (codeFiles > 0 && codeFiles < corpus.Length)
            throw new UsageException("--corpus names .codes files beside embeddings; expected one or the other. Give the embeddings of .codes files with --vectors.");
        if (codeFiles == 0)
            return vectors is not null ? throw new UsageException("--vectors goes with a corpus of .codes files; a corpus of embeddings has its vectors already.") : false;
        if (k is not null || bytes is not null || coding is not null)
            throw new UsageException($"{(k is not null ? "--k" : bytes is not null ? "--bytes" : "--coding")} is given with a corpus of .codes files, which are coded already. Leave it out, or give the embeddings.");
        if (rerank == Rerank.Full && vectors is null)
            throw new UsageException("--rerank full compares full vectors, which .codes files do not hold. Give the files that they were made of with --vectors, or use --rerank codes.");
        return true;
    }

    private static bool IsCodes(string path) => path.EndsWith(CodesExtension, StringComparison.OrdinalIgnoreCase);

    private static CodeCoding CodingOf(string file, string modelId)
    {
        using CodeFile codes = CodeFile.Open(file, modelId);
        return codes.Coding;
    }

    private int? RequireK(int latentDims) =>
        k > latentDims ? throw new UsageException($"--k is {k}; expected 1 to {latentDims}, the model's latents.") : k;

    private IRowCoding CoderOf(EncoderModel encoder, LinearDecoder? dictionary) =>
        dictionary is null ? new EncoderCoding(encoder, null) : new PursuitCoding(dictionary, settings.Threads);

    private static SearchQuery[] QueriesOf(EmbeddingBatch batch, EncoderModel encoder, CodeCoding kind, PackedCodeFormat format)
    {
        // Codes of a prefix are compared with codes of that prefix.
        int? prefix = format.LatentDims < encoder.LatentDims ? format.LatentDims : null;
        SparseCode[]? codes = kind == CodeCoding.Encoder ? encoder.EncodeToCodes(batch.Values, batch.Count, format.K, prefix) : null;
        var found = new SearchQuery[batch.Count];
        for (int i = 0; i < found.Length; i++)
            found[i] = new SearchQuery(batch.Row(i).ToArray(), codes?[i] is { } code ? code with { Dims = format.LatentDims } : null);
        return found;
    }

    private static QueryAnswer Answer(int query, int? row, RowLabels labels, SearchResult result, SearchCorpus searched) =>
        new(query, row, labels.Id, labels.Text, result.ShortlistRows, [.. result.Neighbours.Select(n =>
        {
            RowLabels found = searched.Labels(n.Row);
            return new FoundRow(n.Row, found.Id, found.Text, n.Score, n.CodeScore, found.Label);
        })]);
}
