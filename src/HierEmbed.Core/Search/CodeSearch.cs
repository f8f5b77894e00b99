using System.Buffers;
using System.Numerics.Tensors;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numerics;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Core.Search;

/// <summary>Finds the rows nearest to a query: a shortlist by codes, then an exact order where the full vectors are at hand. Thread-safe, deterministic.</summary>
/// <remarks>
/// Codes of pursuit score ((D̃ᵀq)·z + m·q) / |m + D̃z|; the encoder's by their cosine with the query's own code.
/// Up to <see cref="SearchIndex.ScannedRows"/> rows the first pass scores every row. Above that, sketches of all rows choose candidates for codes of pursuit, and the
/// lists of the query's latents for the encoder's; the candidates are scored with all their components. Where full vectors decide in the end, codes of pursuit
/// are scored by products along the index' axes, which differ by less than .01 from whole ones and are a tenth of the work.
/// </remarks>
public sealed class CodeSearch
{
    // Measured on 40,000 rows of 512 dimensions and 100,000 of 1024, codes of 16 bytes, shortlists of 200: of 1000 candidates the rerank finds within .004
    // and .02 of what it finds of all rows, of 500 within .02 and .04. A share of the rows besides, so that there are candidates enough in an index of millions.
    private const int CandidatesPerShortlisted = 5, MinCandidates = 1000, CandidatesFraction = 100, ScannedFraction = 8;

    // Queries projected at once: the atoms are read once for all of them.
    private const int QueriesAtOnce = 16;

    private readonly SearchIndex index;
    private readonly AsymmetricScorer? scorer;
    private readonly LinearDecoder? dictionary;
    private readonly IVectorRows? vectors;

    /// <summary>Puts together what a search needs.</summary>
    /// <param name="index">The codes.</param>
    /// <param name="dictionary">The model's dictionary; encoder codes need none.</param>
    /// <param name="vectors">The rows' full vectors; null: <see cref="Rerank.Full"/> is refused.</param>
    /// <exception cref="ArgumentException">They do not belong together.</exception>
    public CodeSearch(SearchIndex index, LinearDecoder? dictionary, IVectorRows? vectors = null)
    {
        if (index.Coding == CodeCoding.Pursuit)
            ArgumentNullException.ThrowIfNull(dictionary);
        if (dictionary is not null && index.ModelId.Length > 0 && index.ModelId != dictionary.ModelId)
            throw new ArgumentException($"An index of model {index.ModelId} with the dictionary of model {dictionary.ModelId}.", nameof(dictionary));
        if (dictionary is not null && (index.LatentDims > dictionary.LatentDims || (index.Axes is { } axes && axes.Axes.Dims != dictionary.InputDims)))
            throw new ArgumentException($"A dictionary of {dictionary.LatentDims} atoms in {dictionary.InputDims} dimensions for an index of {index.LatentDims} latents{(index.Axes is null ? "" : $" in {index.Axes.Axes.Dims} dimensions")}.", nameof(dictionary));
        if (vectors is not null && dictionary is not null && vectors.Dims != dictionary.InputDims)
            throw new ArgumentException($"Vectors of {vectors.Dims} dimensions for a dictionary of {dictionary.InputDims}.", nameof(vectors));
        if (vectors is not null && vectors.Rows != index.Rows)
            throw new ArgumentException($"{vectors.Rows} vectors for {index.Rows} codes; expected one for each.", nameof(vectors));
        this.index = index;
        // Codes of a prefix are of its latents alone.
        this.dictionary = dictionary?.Prefix(index.LatentDims);
        this.vectors = vectors;
        scorer = index.Coding == CodeCoding.Pursuit ? new AsymmetricScorer(this.dictionary!) : null;
    }

    /// <summary>The codes.</summary>
    public SearchIndex Index => index;

    /// <summary>Searches for several queries, as many at once as there are threads; each gets what it gets alone.</summary>
    /// <param name="queries">The queries.</param>
    /// <param name="options">What is returned.</param>
    /// <param name="threads">Threads; 0: one a core.</param>
    /// <param name="cancellationToken">Cancels between queries.</param>
    /// <exception cref="RequestException">As for one.</exception>
    public async Task<SearchResult[]> SearchAsync(IReadOnlyList<SearchQuery> queries, SearchOptions options, int threads = 0, CancellationToken cancellationToken = default)
    {
        int parallel = threads == 0 ? Environment.ProcessorCount : threads, atOnce = Math.Clamp((queries.Count + parallel - 1) / parallel, 1, QueriesAtOnce);
        var results = new SearchResult[queries.Count];
        var degree = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, (queries.Count + atOnce - 1) / atOnce, degree, async (group, ct) =>
        {
            int first = group * atOnce, count = Math.Min(atOnce, queries.Count - first);
            float[]?[] vectors = [.. Enumerable.Range(first, count).Select(i => UnitVector(queries[i].Vector))];
            ProjectedQuery[]? whole = NeedsWholeProducts(options) ? ProjectTogether(vectors) : null;
            for (int i = 0; i < count; i++)
                results[first + i] = await SearchAsync(queries[first + i], vectors[i], whole?[i], options, ct);
        });
        return results;
    }

    /// <summary>Searches for one query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="options">What is returned.</param>
    /// <param name="cancellationToken">Cancels between the passes.</param>
    /// <exception cref="RequestException">The query lacks what the codes or the rerank need, is of another length or all zeros, or there are no full vectors.</exception>
    public ValueTask<SearchResult> SearchAsync(SearchQuery query, SearchOptions options, CancellationToken cancellationToken = default) =>
        SearchAsync(query, UnitVector(query.Vector), null, options, cancellationToken);

    private async ValueTask<SearchResult> SearchAsync(SearchQuery query, float[]? vector, ProjectedQuery? whole, SearchOptions options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TopK, 1, nameof(options));
        if (options.Rerank == Rerank.Full && (vectors is null || vector is null))
            throw new RequestException(ProblemTypes.InvalidRequest,
                $"rerank \"full\" compares full vectors, and the {(vectors is null ? "rows' are" : "query's is")} not here. Use rerank \"codes\", or give the vectors.");
        (int[] rows, float[] codeScores) = FirstPass(query, vector, whole, options);
        cancellationToken.ThrowIfCancellationRequested();
        float[] scores = options.Rerank == Rerank.Full ? await CosinesAsync(vector!, rows, cancellationToken) : codeScores;
        var best = new Shortlist(options.TopK);
        for (int i = 0; i < rows.Length; i++)
            best.Offer(i, scores[i]);
        // Places stand for rows: they ascend alike, so ties fall alike.
        return new SearchResult([.. best.RankedWithScores().Select(place => new Neighbour(rows[place.Row], place.Score, codeScores[place.Row]))], rows.Length);
    }

    /// <summary>A stored row as a query; the row itself is left out.</summary>
    /// <param name="row">Its number.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>Its full vector where there is one; else what its code decodes to; and its code where that is the encoder's.</returns>
    /// <exception cref="RequestException">There is no such row.</exception>
    public async ValueTask<SearchQuery> QueryOfRowAsync(int row, CancellationToken cancellationToken = default)
    {
        if (row < 0 || row >= index.Rows)
            throw new RequestException(ProblemTypes.RowNotFound, $"There is no row {row}; rows are counted from 0, and there are {index.Rows}. Give a row below that.");
        SparseCode code = index.Code(row);
        if (vectors is not null)
        {
            var vector = new float[vectors.Dims];
            await vectors.ReadAsync(new[] { row }, vector, cancellationToken);
            return new SearchQuery(vector, index.Coding == CodeCoding.Encoder ? code : null, row);
        }
        if (index.Coding == CodeCoding.Encoder)
            return new SearchQuery(null, code, row);
        var decoded = new float[dictionary!.InputDims];
        dictionary.Decode(code, decoded);
        return new SearchQuery(decoded, null, row);
    }

    /// <summary>The shortlist: rows, ascending, and the scores of their codes.</summary>
    private (int[] Rows, float[] Scores) FirstPass(SearchQuery query, float[]? vector, ProjectedQuery? whole, SearchOptions options)
    {
        int rows = Math.Max(0, index.Rows - (query.Row is { } left && left >= 0 && left < index.Rows ? 1 : 0));
        int shortlist = Math.Min(rows, Math.Max(options.TopK, options.ShortlistRows)), except = query.Row ?? -1;
        if (shortlist == 0)
            return ([], []);
        int candidates = (int)Math.Min(rows, Math.Max((long)CandidatesPerShortlisted * shortlist, Math.Max(MinCandidates, rows / CandidatesFraction)));
        // Where so many rows would be candidates, there is little to leave out.
        if (index.Rows <= SearchIndex.ScannedRows || candidates > rows / ScannedFraction)
            return ScanAll(shortlist, whole ?? Project(query, vector), except);
        SketchedQuery? sketched = index.Axes?.Project(RequireVector(vector), dictionary!, whole ?? (NeedsWholeProducts(options) ? Project(query, vector) : null));
        ProjectedQuery products = sketched?.Products ?? Project(query, vector);
        (int[] found, float[] scores) = sketched is null
            ? ByLists(candidates, products, query.Code!.Indices, except)
            : (SketchCandidates.Find(index.Blocks, sketched, candidates, shortlist + 1), []);
        if (options.Rerank != Rerank.None)
            scores = index.Score(found, products);
        else if (sketched is not null)
            scores = SketchCandidates.Scores(index.Blocks, sketched, found);
        return Shortlist.Cut(found, scores, shortlist, except);
    }

    /// <summary>Whether scores of codes are returned as they are, and not only choose what full vectors are compared with.</summary>
    private bool NeedsWholeProducts(SearchOptions options) => scorer is not null && (options.Rerank == Rerank.Codes || index.Axes is null);

    private (int[] Rows, float[] Scores) ScanAll(int shortlist, ProjectedQuery query, int except)
    {
        float[] buffer = ArrayPool<float>.Shared.Rent(IndexBlock.MaxRows);
        var best = new Shortlist(shortlist);
        foreach (IndexBlock block in index.Blocks)
        {
            Span<float> scores = buffer.AsSpan(0, block.Rows);
            block.Records.ScoreAll(query, scores);
            best.Offer(block.First, scores, except);
        }
        ArrayPool<float>.Shared.Return(buffer);
        return best.ByRow();
    }

    /// <summary>The rows that a few latents give most to, ascending, and what they give.</summary>
    private (int[] Rows, float[] Scores) ByLists(int candidates, ProjectedQuery query, int[] latents, int except)
    {
        float[] buffer = ArrayPool<float>.Shared.Rent(IndexBlock.MaxRows);
        var best = new Shortlist(candidates);
        foreach (IndexBlock block in index.Blocks)
        {
            block.ScoreByLists(query, latents, buffer.AsSpan(0, IndexBlock.MaxRows));
            best.Offer(block.First, buffer.AsSpan(0, block.Rows), except);
        }
        ArrayPool<float>.Shared.Return(buffer);
        return best.ByRow();
    }

    private ProjectedQuery Project(SearchQuery query, float[]? vector)
    {
        if (scorer is not null)
            return scorer.Project(RequireVector(vector));
        if (query.Code is not { } code || code.Dims != index.LatentDims)
            throw new RequestException(ProblemTypes.InvalidRequest,
                $"Codes of the encoder are compared with codes; the query has {(query.Code is null ? "none" : $"one of {query.Code.Dims} latents")}, the index {index.LatentDims} latents. Encode the query with the index's model.");
        float norm = TensorPrimitives.Norm<float>(code.Values);
        var products = new float[index.LatentDims];
        for (int i = 0; i < code.Indices.Length; i++)
            products[code.Indices[i]] = code.Values[i] / norm;
        return new ProjectedQuery(products, 0);
    }

    /// <summary>The whole products of several queries in one pass over the atoms: the same as each alone.</summary>
    private ProjectedQuery[] ProjectTogether(float[]?[] queries)
    {
        var together = new float[queries.Length * dictionary!.InputDims];
        for (int i = 0; i < queries.Length; i++)
            RequireVector(queries[i]).CopyTo(together, i * dictionary.InputDims);
        var products = new float[queries.Length * dictionary.LatentDims];
        RowProducts.Multiply(together, dictionary.Atoms, dictionary.InputDims, products);
        return [.. queries.Select((query, i) => new ProjectedQuery(products[(i * dictionary.LatentDims)..((i + 1) * dictionary.LatentDims)], TensorPrimitives.Dot<float>(query, dictionary.Mean)))];
    }

    private static float[] RequireVector(float[]? vector) => vector ?? throw new RequestException(ProblemTypes.InvalidRequest,
        "Codes of pursuit are scored against an embedding, and the query has none. Give the query's embedding.");

    /// <summary>The cosines of rows' full vectors with the query.</summary>
    private async ValueTask<float[]> CosinesAsync(float[] query, int[] rows, CancellationToken cancellationToken)
    {
        int dims = vectors!.Dims;
        if (query.Length != dims)
            throw new RequestException(ProblemTypes.WrongDimensions, $"The query has {query.Length} dimensions, the rows' vectors {dims}. Give vectors of the model's embeddings.");
        var scores = new float[rows.Length];
        await vectors.CosinesAsync(query, rows, scores, cancellationToken);
        return scores;
    }

    private float[]? UnitVector(float[]? vector)
    {
        if (vector is null)
            return null;
        int dims = dictionary?.InputDims ?? vectors?.Dims ?? vector.Length;
        if (vector.Length != dims)
            throw new RequestException(ProblemTypes.WrongDimensions, $"The query has {vector.Length} dimensions, the model's embeddings have {dims}. Use the model that was trained on these embeddings.");
        var unit = new float[dims];
        float norm = RowNormalization.L2Normalize(vector, unit);
        return norm >= RowNormalization.MinNorm
            ? unit
            : throw new RequestException(ProblemTypes.ZeroRow, "The query is all zeros, which has no direction. Leave it out.");
    }
}
