using HierEmbed.Core;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Http;
using HierEmbed.Serving.Search;
using HierEmbed.Storage;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Endpoints;

/// <summary>Queries in, nearest stored rows out.</summary>
/// <param name="catalog">Hands out the model and its rows.</param>
/// <param name="options">Limits of the body, threads.</param>
public sealed class SearchEndpoint(ModelCatalog catalog, HierEmbedOptions options)
{
    /// <summary>Searches a dataset's rows for the queries of the body.</summary>
    public async Task<IResult> SearchAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        string mediaType = MediaTypes.OfBody(request, MediaTypes.Json, MediaTypes.Npy);
        using ModelLease lease = await catalog.AcquireAsync(dataset, request.Query["version"].FirstOrDefault(), cancellationToken);
        var fields = new RequestFields([.. SearchChoices.Names, SearchBody.RowField]).AddQuery(request);
        using var vectors = new VectorRows(lease.Model, options.MaxRequestRows);
        var subject = new SearchBody(vectors, fields);
        using (RequestBody body = await RequestBody.ReadAsync(request, options.MaxBodyBytes, cancellationToken))
        {
            if (mediaType == MediaTypes.Npy)
                NpyBody.Read(body, vectors, cancellationToken);
            else
                subject.Read(body.Span);
        }
        SearchChoices choices = SearchChoices.From(fields);
        int? row = fields.Integer(SearchBody.RowField, 0, int.MaxValue, "");
        SearchResponse answer = await AnswerAsync(lease, stored => SearchAsync(lease, stored, vectors, row ?? (subject.Id is { } id ? stored.RowOf(id) : null), choices, cancellationToken), cancellationToken);
        ModelResponse.Name(request, answer.ModelVersion);
        return TypedResults.Json(answer, Json.Compact);
    }

    /// <summary>Searches; once more where rows turn out to be gone, because a newer run has stored others by then.</summary>
    private static async Task<SearchResponse> AnswerAsync(ModelLease lease, Func<StoredRows, Task<SearchResponse>> search, CancellationToken cancellationToken)
    {
        for (bool again = false; ; again = true)
        {
            StoredRows? used = null;
            try
            {
                using RowsLease stored = await lease.RowsAsync(cancellationToken);
                used = stored.Rows;
                return await search(used);
            }
            catch (ArtifactNotFoundException) when (!again)
            {
                if (used is not null)
                    await lease.RenewRowsAsync(used, cancellationToken);
            }
            catch (ArtifactNotFoundException e)
            {
                throw new ModelException(ProblemTypes.ArtifactNotFound,
                    $"{e.Name} is gone: a newer run replaced these rows, or it was deleted. Send the request again; if that fails too, start a run with POST {ApiRoutes.Prefix}/runs.", e);
            }
        }
    }

    private async Task<SearchResponse> SearchAsync(ModelLease lease, StoredRows stored, VectorRows vectors, int? row, SearchChoices choices, CancellationToken cancellationToken)
    {
        EncoderModel model = lease.Model;
        SearchOptions wanted = choices.On(model.Manifest.Dataset, stored.HasVectors, stored.Search.Index.Rows, row is null ? vectors.Count : 1);
        SearchQuery[] queries = row is { } number ? [await stored.Search.QueryOfRowAsync(number, cancellationToken)] : await QueriesOfAsync(lease, stored, vectors, cancellationToken);
        SearchResult[] found = await stored.Search.SearchAsync(queries, wanted, options.Threads, cancellationToken);
        int[] rows = [.. found.SelectMany(result => result.Neighbours.Select(neighbour => neighbour.Row)).Concat(row is { } own ? [own] : []).Distinct().Order()];
        StoredRow[] described = await stored.DescribeAsync(rows, cancellationToken);
        StoredRow Described(int of) => described[Array.BinarySearch(rows, of)];
        RowLabels subject = row is { } query ? Described(query).Said : default;
        QueryAnswer[] answers = [.. found.Select((result, i) => new QueryAnswer(i, row, subject.Id, subject.Text, result.ShortlistRows, [.. result.Neighbours.Select(n => Found(n, Described(n.Row)))]))];
        SearchIndex index = stored.Search.Index;
        return new SearchResponse(model.Manifest.Dataset, model.Manifest.Version, index.Coding, index.Coding == CodeCoding.Pursuit ? "asymmetric" : "codes", wanted.Rerank,
            index.Rows, stored.Format.K, stored.Format.BytesPerVector, answers);
    }

    private static FoundRow Found(Neighbour neighbour, StoredRow stored) =>
        new(neighbour.Row, stored.Said.Id, stored.Said.Text, neighbour.Score, neighbour.CodeScore, stored.Said.Label, stored.File, stored.SourceRow);

    /// <summary>The posted embeddings; with their codes where codes are what they are compared with.</summary>
    private static async Task<SearchQuery[]> QueriesOfAsync(ModelLease lease, StoredRows stored, VectorRows vectors, CancellationToken cancellationToken)
    {
        int latents = stored.Format.LatentDims;
        SparseCode[]? codes = stored.Search.Index.Coding == CodeCoding.Encoder
            ? await lease.Queue.EncodeToCodesAsync(vectors.Memory(0, vectors.Count), vectors.Count, stored.Format.K, latents < lease.Model.LatentDims ? latents : null, cancellationToken)
            : null;
        var queries = new SearchQuery[vectors.Count];
        for (int i = 0; i < queries.Length; i++)
            queries[i] = new SearchQuery(vectors.Row(i).ToArray(), codes is null ? null : codes[i] with { Dims = latents });
        return queries;
    }
}
