using HierEmbed.Core.Errors;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Bodies;

namespace HierEmbed.Serving.Search;

/// <summary>What a client wants of a search.</summary>
/// <param name="TopK">Neighbours of a query.</param>
/// <param name="Shortlist">Rows to rank, where the client says how many.</param>
/// <param name="Rerank">What ranks them, where the client says so.</param>
internal sealed record SearchChoices(int TopK, int? Shortlist, Rerank? Rerank)
{
    /// <summary>Rows whose full vectors are read for one query at most: on blob storage each may be a request.</summary>
    public const int MaxFullRows = 200;

    /// <summary>Neighbours in one answer at most.</summary>
    public const int MaxNeighbours = 100_000;

    /// <summary>Rows whose full vectors are read for one request at most.</summary>
    public const int MaxFullRowsOfRequest = 20_000;

    /// <summary>Rows of all shortlists of one request at most, where no full vectors are read.</summary>
    public const int MaxShortlistRows = 1_000_000;

    /// <summary>Most neighbours of one query.</summary>
    public const int MaxTopK = 1000;

    /// <summary>Neighbours of a query where a client asks for no number.</summary>
    public const int DefaultTopK = 10;

    private const int MaxShortlist = 100_000, MaxOversampling = 10_000;

    /// <summary>Names of the options, in JSON and in the query.</summary>
    public static IReadOnlyList<string> Names { get; } = ["topK", "shortlistK", "oversampling", "rerank"];

    /// <summary>Reads the options.</summary>
    /// <exception cref="RequestException">One is out of range or contradicts another.</exception>
    public static SearchChoices From(RequestFields fields)
    {
        int topK = fields.Integer("topK", 1, MaxTopK, "") ?? DefaultTopK;
        int? shortlist = fields.Integer("shortlistK", 1, MaxShortlist, ""), oversampling = fields.Integer("oversampling", 1, MaxOversampling, "");
        if (shortlist is not null && oversampling is not null)
            throw new RequestException(ProblemTypes.InvalidRequest, "Both shortlistK and oversampling are given; expected one of them: the shortlist has topK × oversampling rows.");
        Rerank? rerank = fields.Word("rerank", "full", "codes", "none") is { } word ? Enum.Parse<Rerank>(word, ignoreCase: true) : null;
        return new SearchChoices(topK, shortlist ?? (oversampling is { } times ? SearchOptions.Oversampled(topK, times).ShortlistRows : null), rerank);
    }

    /// <summary>The search that they are on rows that are stored.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="hasVectors">Whether the rows' full vectors are stored.</param>
    /// <param name="storedRows">Rows that are searched.</param>
    /// <param name="queries">Queries of the request.</param>
    /// <exception cref="RequestException">It takes vectors that are not stored, or more than the limits allow.</exception>
    public SearchOptions On(string dataset, bool hasVectors, int storedRows, int queries)
    {
        if ((long)queries * TopK > MaxNeighbours)
            throw new RequestException(ProblemTypes.TooLarge, $"{queries} queries with topK {TopK} ask for {(long)queries * TopK} neighbours; at most {MaxNeighbours} are answered at once. Send fewer queries in one request.");
        SearchOptions wanted = On(dataset, hasVectors);
        bool full = wanted.Rerank == Core.Search.Rerank.Full;
        int most = full ? MaxFullRowsOfRequest : MaxShortlistRows;
        long rows = (long)queries * Math.Min(wanted.ShortlistRows, storedRows);
        return rows <= most
            ? wanted
            : throw new RequestException(ProblemTypes.TooLarge,
                $"{queries} queries with {Math.Min(wanted.ShortlistRows, storedRows)} rows in each shortlist are {rows} rows; one request ranks at most {most} with rerank {(full ? "full" : "codes or none")}. Send fewer queries in one request, or ask for a smaller shortlistK or oversampling{(full ? ", or rerank codes" : "")}.");
    }

    private SearchOptions On(string dataset, bool hasVectors)
    {
        Rerank rerank = Rerank ?? (hasVectors ? Core.Search.Rerank.Full : Core.Search.Rerank.Codes);
        SearchOptions usual = SearchOptions.Oversampled(TopK, rerank: rerank);
        if (rerank != Core.Search.Rerank.Full)
            return Shortlist is { } asked ? usual with { ShortlistRows = asked } : usual;
        if (!hasVectors)
            throw new RequestException(ProblemTypes.InvalidRequest,
                $"rerank is full, and the rows of model \"{dataset}\" are stored without their vectors: HierEmbed__StoreVectors was false in the run that coded them. Use rerank codes, or set it to true and start a run.");
        int rows = Math.Max(TopK, Shortlist ?? 0);
        return rows <= MaxFullRows
            ? usual with { ShortlistRows = Shortlist ?? Math.Min(MaxFullRows, usual.ShortlistRows) }
            : throw new RequestException(ProblemTypes.InvalidRequest,
                $"{(TopK == rows ? $"topK {TopK} asks" : "shortlistK, or topK × oversampling, asks")} for {rows} rows; rerank full reads the vectors of at most {MaxFullRows} rows a query. Ask for fewer, or use rerank codes.");
    }
}
