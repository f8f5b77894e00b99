using System.Net;
using System.Text;
using System.Text.Json;

namespace HierEmbed.EndToEnd.Tests;

/// <summary>What a user does with a deployment: drops files, waits for the model, asks for codes, searches.</summary>
public sealed class UploadToModelTests : IDisposable
{
    private readonly Deployment deployment = new();

    /// <summary>New at each run: a deployment keeps what the runs before left there.</summary>
    private readonly string dataset = $"e2e-{Guid.NewGuid():N}"[..20];

    [Fact]
    public async Task Upload_DatasetOfSeveralFilesThenAnotherUpload_EachIsServed()
    {
        byte[] first = Rows.Npy(200, 1);
        await deployment.Uploads.PutAsync($"{dataset}/training.json", Encoding.UTF8.GetBytes(Rows.Recipe));
        await deployment.Uploads.PutAsync($"{dataset}/a.npy", first);
        await deployment.Uploads.PutAsync($"{dataset}/b.npy", Rows.Npy(150, 2));

        string version = await deployment.VersionAfterAsync(dataset, null);
        JsonElement run = await deployment.RunAsync(dataset, "published");
        Assert.Equal(350, run.GetProperty("rows").GetProperty("total").GetInt64());
        await RequireCodesAsync(first, 200, version);
        await RequireNeighboursAsync(first, 200, version, 350);

        await deployment.Uploads.PutAsync($"{dataset}/b.npy", Rows.Npy(180, 3));
        string second = await deployment.VersionAfterAsync(dataset, version);
        await RequireCodesAsync(first, 200, second);
        await RequireNeighboursAsync(first, 200, second, 380);

        // The version before is there still, and can be served again.
        using HttpResponseMessage rolledBack = await deployment.SendAsync(HttpMethod.Post, $"models/{dataset}/rollback", JsonSerializer.SerializeToUtf8Bytes(new { version }));
        Assert.Equal(HttpStatusCode.OK, rolledBack.StatusCode);
        Assert.Equal(version, await deployment.VersionAfterAsync(dataset, second));
        using HttpResponseMessage deleted = await deployment.SendAsync(HttpMethod.Delete, $"models/{dataset}");
        Assert.True(deleted.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Upload_BadFile_RunFailsWithItsNameAndTheHostLivesOn()
    {
        await deployment.Uploads.PutAsync($"{dataset}/training.json", Encoding.UTF8.GetBytes(Rows.Recipe));
        await deployment.Uploads.PutAsync($"{dataset}/good.npy", Rows.Npy(100, 1));
        await deployment.Uploads.PutAsync($"{dataset}/torn.npy", Rows.Npy(100, 2)[..1000]);

        JsonElement failed = await deployment.RunAsync(dataset, "failed");

        JsonElement problem = failed.GetProperty("problem");
        Assert.Equal("truncated-file", problem.GetProperty("code").GetString());
        Assert.Contains($"{dataset}/torn.npy", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("ok", (await deployment.GetAsync("health")).GetProperty("status").GetString());

        // Mended under the same name: the upload alone starts the next run.
        await deployment.Uploads.PutAsync($"{dataset}/torn.npy", Rows.Npy(100, 2));
        await RequireCodesAsync(Rows.Npy(10, 4), 10, await deployment.VersionAfterAsync(dataset, null));
    }

    [Fact]
    public async Task Requests_OfAnUnknownModelOrABadBody_AreProblems()
    {
        using HttpResponseMessage unknown = await deployment.SendAsync(HttpMethod.Get, $"models/{dataset}");
        using HttpResponseMessage bad = await deployment.SendAsync(HttpMethod.Post, "runs", Encoding.UTF8.GetBytes("{"));

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (unknown.StatusCode, unknown.Content.Headers.ContentType?.MediaType));
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (bad.StatusCode, bad.Content.Headers.ContentType?.MediaType));
    }

    private async Task RequireCodesAsync(byte[] npy, int rows, string version)
    {
        JsonElement answer = await deployment.PostNpyAsync($"models/{dataset}/encode?k=4&version={version}", npy);
        Assert.Equal(version, answer.GetProperty("modelVersion").GetString());
        Assert.Equal(rows, answer.GetProperty("codes").GetArrayLength());
        foreach (JsonElement code in answer.GetProperty("codes").EnumerateArray())
        {
            Assert.InRange(code.GetProperty("indices").GetArrayLength(), 1, 4);
            double norm = Math.Sqrt(code.GetProperty("values").EnumerateArray().Sum(v => v.GetDouble() * v.GetDouble()));
            Assert.Equal(1, norm, 1e-5); // float32 values, printed in full
        }
    }

    /// <summary>Each row of the first file is its own nearest neighbour among the stored ones.</summary>
    private async Task RequireNeighboursAsync(byte[] npy, int rows, string version, int stored)
    {
        JsonElement answer = await deployment.PostNpyAsync($"models/{dataset}/search?topK=1&shortlistK=100&version={version}", npy);
        Assert.Equal((version, stored, "full"), (answer.GetProperty("modelVersion").GetString(), answer.GetProperty("rows").GetInt32(), answer.GetProperty("rerank").GetString()));
        JsonElement[] nearest = [.. answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("neighbours")[0])];
        Assert.Equal(Enumerable.Range(0, rows), nearest.Select(n => n.GetProperty("row").GetInt32()));
        Assert.All(nearest, n => Assert.Equal(1, n.GetProperty("score").GetDouble(), 1e-5)); // float32 sums
    }

    public void Dispose() => deployment.Dispose();
}
