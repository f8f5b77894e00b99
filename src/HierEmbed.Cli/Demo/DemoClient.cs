using System.Net.Http.Headers;
using System.Net.Http.Json;
using HierEmbed.Core;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;
using HierEmbed.Serving.Endpoints;
using HierEmbed.Serving.Runs;

namespace HierEmbed.Cli.Demo;

/// <summary>Calls the running endpoints as any client would.</summary>
internal sealed class DemoClient : IDisposable
{
    private sealed record Encoded(string ModelVersion, SparseCode[][] Codes);

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

    /// <summary>Codes of rows at each k, <c>[ks][rows]</c>.</summary>
    public async Task<SparseCode[][]> EncodeAsync(string dataset, Sample sample, IReadOnlyList<int> ks, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        NpyWriter.Write<float>(body, sample.Vectors, sample.Rows, sample.Dims);
        using var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-npy");
        using HttpResponseMessage response = await http.PostAsync(new Uri($"models/{dataset}/encode?ks={string.Join(',', ks)}", UriKind.Relative), content, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new HierEmbedException(ProblemTypes.Internal, $"encode answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        Encoded encoded = (await response.Content.ReadFromJsonAsync<Encoded>(Json.Compact, cancellationToken))!;
        return [.. ks.Select((_, at) => encoded.Codes.Select(row => row[at]).ToArray())];
    }

    /// <summary>The report of the model that is served.</summary>
    public Task<byte[]> ReportAsync(string dataset, CancellationToken cancellationToken) =>
        http.GetByteArrayAsync(new Uri($"models/{dataset}/report", UriKind.Relative), cancellationToken);

    public void Dispose() => http.Dispose();
}
