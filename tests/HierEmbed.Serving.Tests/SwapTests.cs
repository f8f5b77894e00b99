using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Tests.Support;

namespace HierEmbed.Serving.Tests;

public sealed class SwapTests
{
    [Fact]
    public async Task Encode_VersionsReplacedUnderLoad_NoRequestFailsAndOldSessionsClose()
    {
        await using TestApi api = await TestApi.StartAsync();
        using var stop = new CancellationTokenSource();
        var seen = new ConcurrentDictionary<string, int>();
        string body = $"{{\"k\":4,\"embeddings\":{TestApi.Json([.. Enumerable.Range(0, 100).Select(i => Golden.Rows[i % 5])])}}}";
        Task[] clients = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                JsonElement answer = await api.EncodeAsync(body);
                string version = answer.GetProperty("modelVersion").GetString()!;
                seen.AddOrUpdate(version, 1, (_, n) => n + 1);
                // The codes are those of the version that the answer names.
                string graph = version.StartsWith('b') ? "b" : "a";
                Assert.Equal(Golden.Code(graph, 1, 4).Indices, answer.GetProperty("codes")[1].GetProperty("indices").EnumerateArray().Select(e => e.GetInt32()));
            }
        }, TestContext.Current.CancellationToken))];
        string last = TestModels.A;
        for (int i = 0; i <= 8; i++)
        {
            string graph = i % 2 == 0 ? "a" : "b";
            if (i > 0)
                last = await TestModels.PublishAsync(api.Results, graph, $"{graph}{i:D15}");
            for (var waited = Stopwatch.StartNew(); !seen.ContainsKey(last) && !clients.Any(c => c.IsFaulted) && waited.Elapsed < TimeSpan.FromSeconds(20);)
                await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Equal(9, seen.Count);
        // A lease goes back just after its answer is out.
        for (int i = 0; i < 100 && api.Host.Routes.Catalog.Open.Count > 1; i++)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal([new ModelKey(TestModels.Dataset, last)], api.Host.Routes.Catalog.Open);
    }
}
