using System.Net.Http.Json;
using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Endpoints;
using HierEmbed.Serving.Runs;

namespace HierEmbed.Cli.Demo;

/// <summary>Calls the running endpoints as any client would.</summary>
internal sealed class DemoClient : IDisposable
{
    private sealed record Found(int BytesPerVector, FoundRows[] Results);

    private sealed record FoundRows(FoundRow[] Neighbours);

    private sealed record FoundRow(int Row);

    private readonly HttpClient http;

    /// <param name="address">Where the host listens.</param>
    /// <param name="key">The host's key, where it asks for one.</param>
    public DemoClient(Uri address, string? key)
    {
        http = new HttpClient { BaseAddress = new Uri(address, "/api/v1/"), Timeout = TimeSpan.FromMinutes(2) };
        if (!string.IsNullOrEmpty(key))
            http.DefaultRequestHeaders.Add("x-functions-key", key);
    }

    public async Task<RunView?> FindRunAsync(string dataset, CancellationToken cancellationToken) =>
        (await http.GetFromJsonAsync<RunList>($"runs?dataset={dataset}", Json.Compact, cancellationToken))!.Runs is [var run, ..] ? run : null;

    /// <summary>The model that is served, with what its run measured.</summary>
    public async Task<ModelManifest> ModelAsync(string dataset, CancellationToken cancellationToken) =>
        (await http.GetFromJsonAsync<ModelView>($"models/{dataset}", Json.Compact, cancellationToken))!.Manifest;

    /// <summary>Rows nearest to a stored row.</summary>
    /// <param name="dataset">The model.</param>
    /// <param name="row">The row.</param>
    /// <param name="topK">How many.</param>
    /// <param name="rerank">How the shortlist is ranked.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Bytes of a stored code, and the rows, nearest first.</returns>
    public async Task<(int BytesPerVector, int[] Rows)> SearchAsync(string dataset, int row, int topK, Rerank rerank, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await http.PostAsJsonAsync($"models/{dataset}/search", new { row, topK, rerank }, Json.Compact, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new HierEmbedException(ProblemTypes.Internal, $"search answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        Found found = (await response.Content.ReadFromJsonAsync<Found>(Json.Compact, cancellationToken))!;
        return (found.BytesPerVector, [.. found.Results[0].Neighbours.Select(neighbour => neighbour.Row)]);
    }

    /// <summary>The report of the model that is served.</summary>
    public Task<byte[]> ReportAsync(string dataset, CancellationToken cancellationToken) =>
        http.GetByteArrayAsync(new Uri($"models/{dataset}/report", UriKind.Relative), cancellationToken);

    public void Dispose() => http.Dispose();
}
