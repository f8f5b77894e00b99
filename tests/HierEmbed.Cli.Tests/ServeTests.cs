using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using HierEmbed.Azurite;
using HierEmbed.Cli.Tests.Support;
using HierEmbed.Core.Options;
using HierEmbed.Storage;

namespace HierEmbed.Cli.Tests;

public sealed class ServeTests(AzuriteServer azurite)
{
    // Said by an option, and by a setting, which keeps keys out of the process list.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Serve_OnABlobService_TrainsAndServesWhatIsUploaded(bool byOption)
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("rows.npy"), 300);
        var settings = new Dictionary<string, string> { ["HierEmbed__UploadsContainer"] = $"uploads-{Guid.NewGuid():N}", ["HierEmbed__ResultsContainer"] = $"results-{Guid.NewGuid():N}" };
        if (!byOption)
            settings["HierEmbed__Storage"] = azurite.ConnectionString;
        await using Server server = await Server.StartAsync(byOption ? azurite.ConnectionString : null, settings);
        Assert.Contains($"Upload embedding files to the container {settings["HierEmbed__UploadsContainer"]}, as <dataset>/<file>", server.Process.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("AccountKey", server.Process.Errors, StringComparison.Ordinal);

        HierEmbedStorage storage = HierEmbedStorage.Open(azurite.ConnectionString, new HierEmbedOptions { UploadsContainer = settings["HierEmbed__UploadsContainer"] });
        foreach ((string name, byte[] content) in (ValueTuple<string, byte[]>[])[("docs/training.json", Encoding.UTF8.GetBytes(SmallRows.TrainingJson)), ("docs/a.npy", await File.ReadAllBytesAsync(folder.At("rows.npy"), TestContext.Current.CancellationToken))])
            await storage.Uploads.WriteBytesAsync(name, content, WriteCondition.Always, TestContext.Current.CancellationToken);
        await RequireCodesAsync(server, folder, await server.VersionAfterAsync("docs", null));
        await server.RunAsync("docs", "published");
        server.Process.Signal(Hierembed.SIGTERM);
        (await server.Process.EndAsync()).Expect(0);
    }

    [Theory]
    [InlineData("AccountName=x;AccountKey=c2VjcmV0;EndpointSuffix")]
    [InlineData("https://x.blob.core.windows.net/container")]
    public async Task Serve_StorageCannotBeRead_SaysSoWithoutTheKey(string location)
    {
        Finished wrong = await Hierembed.RunInAsync(Path.GetTempPath(), "serve", "--storage", location, "--urls", "http://127.0.0.1:0");
        Assert.Equal(2, wrong.ExitCode);
        Assert.StartsWith("error: --storage: The storage ", wrong.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_Uploads_AreTrainedAndServedAndASecondUploadNeedsNoRestart()
    {
        using var folder = new TemporaryFolder();
        folder.Write("storage/embeddings/docs/training.json", SmallRows.TrainingJson);
        SmallRows.WriteNpy(folder.At("rows.npy"), 300);
        string first;
        await using (Server server = await Server.StartAsync(folder.At("storage")))
        {
            Assert.Contains($"Drop embedding files into {folder.At("storage/embeddings")}/<dataset>/", server.Process.Errors, StringComparison.Ordinal);
            File.Copy(folder.At("rows.npy"), folder.At("storage/embeddings/docs/a.npy"));
            await server.RunAsync("docs", "published");
            first = await server.VersionAfterAsync("docs", null);
            await RequireCodesAsync(server, folder, first);

            SmallRows.WriteNpy(folder.At("storage/embeddings/docs/b.npy"), 200, seed: 2);
            string second = await server.VersionAfterAsync("docs", first);
            await RequireCodesAsync(server, folder, second);

            // Bad data are the run's failure: the host and its model live on.
            await File.WriteAllBytesAsync(folder.At("storage/embeddings/broken/a.npy"), [], TestContext.Current.CancellationToken);
            JsonElement failed = await server.RunAsync("broken", "failed");
            Assert.Contains("broken/a.npy", failed.GetProperty("problem").GetProperty("detail").GetString(), StringComparison.Ordinal);
            await RequireCodesAsync(server, folder, second);
            first = second;

            server.Process.Signal(Hierembed.SIGTERM);
            Finished ended = (await server.Process.EndAsync()).Expect(0);
            Assert.Empty(ended.Out);
        }

        // On what is trained already: the same version is served, and nothing loads Torch for that.
        await using (Server server = await Server.StartAsync(folder.At("storage")))
        {
            await RequireCodesAsync(server, folder, first);
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken); // Several looks at the uploads, past the quiet period.
            await RequireCodesAsync(server, folder, first);
            if (OperatingSystem.IsLinux())
            {
                string maps = await File.ReadAllTextAsync($"/proc/{server.Process.Id}/maps", TestContext.Current.CancellationToken);
                Assert.Contains("libonnxruntime", maps, StringComparison.Ordinal);
                Assert.DoesNotContain("libtorch", maps, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("libLibTorchSharp", maps, StringComparison.OrdinalIgnoreCase);
            }
            server.Process.Signal(Hierembed.SIGINT);
            (await server.Process.EndAsync()).Expect(0);
        }
    }

    [Fact]
    public async Task Serve_PortInUse_FailsInOneLine()
    {
        using var folder = new TemporaryFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, "serve", "--storage", "storage", "--urls", url)).Expect(1);
        Assert.Equal($"error: Failed to bind to address {url}: address already in use.\n", wrong.Error);
    }

    [Fact]
    public async Task Serve_BeyondLoopbackWithAKey_AsksForIt()
    {
        using var folder = new TemporaryFolder();
        await using Hierembed process = Hierembed.Start(folder.Root, new Dictionary<string, string> { ["HierEmbed__ApiKey"] = "secret" }, "serve", "--storage", "storage", "--urls", "http://0.0.0.0:0");
        await process.UntilErrorAsync("Listening on ");
        int port = new Uri(process.Errors.Split('\n').Single(l => l.StartsWith("Listening on ", StringComparison.Ordinal)).Split(' ')[2]).Port;
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/") };
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(new Uri("models", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        client.DefaultRequestHeaders.Add("x-functions-key", "secret");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("models", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    private static async Task RequireCodesAsync(Server server, TemporaryFolder folder, string version)
    {
        JsonElement answer = await server.EncodeAsync("docs", folder.At("rows.npy"));
        Assert.Equal(version, answer.GetProperty("modelVersion").GetString());
        Assert.Equal(300, answer.GetProperty("codes").GetArrayLength());
    }
}
