using System.Globalization;
using System.Text;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Codes;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Hosting;
using HierEmbed.Serving.Http;
using HierEmbed.Serving.Runs;
using HierEmbed.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace HierEmbed.Benchmarks.Http;

/// <summary>Encoding over HTTP, the host in this process and wrk beside it on the same cores; and how soon the command line and the server are there.</summary>
internal sealed class HttpBenchmark : ISection
{
    private const int Bodies = 64, NpyRows = 256, Connections = 64, NpyConnections = 3, Seconds = 2, WarmUpSeconds = 6;

    private static readonly byte[] Constant = "{\"codes\":[]}"u8.ToArray();

    public string Name => "http";

    public async Task RunAsync(BenchmarkReport report)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hierembed-benchmark-");
        try
        {
            report.Heading($"HTTP, {UntrainedModel.InputDims} → {UntrainedModel.LatentDims}, k = {UntrainedModel.K}");
            string storage = Path.Combine(folder.FullName, "storage");
            var options = new HierEmbedOptions();
            HierEmbedStorage opened = HierEmbedStorage.Open(storage, options);
            await UntrainedModel.PublishAsync(opened.Results);
            await using (ApiHost host = await StartAsync(options, opened))
            {
                One(report, host, folder);
                await NpyAsync(report, host, folder, opened.Results);
            }
            Starts.Run(report, storage);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The host of the product with one more route, which answers every body that it has parsed with the same few bytes.</summary>
    private static Task<ApiHost> StartAsync(HierEmbedOptions options, HierEmbedStorage storage) =>
        ApiHost.StartAsync(options, storage, new NoWatchers(), ["http://127.0.0.1:0"], (routes, builder) =>
        {
            ModelLease lease = routes.Catalog.AcquireAsync(UntrainedModel.Dataset).Result;
            builder.MapPost("/constant", async (HttpContext context) =>
            {
                using var rows = new VectorRows(lease.Model, options.MaxRequestRows);
                using (RequestBody body = await RequestBody.ReadAsync(context.Request, options.MaxBodyBytes, context.RequestAborted))
                    EncodeBody.ReadJson(body.Span, rows, new RequestFields(EncodeOptions.Names).AddQuery(context.Request));
                context.Response.ContentType = MediaTypes.Json;
                context.Response.ContentLength = Constant.Length;
                await context.Response.Body.WriteAsync(Constant, context.RequestAborted);
            });
        });

    private static void One(BenchmarkReport report, ApiHost host, DirectoryInfo folder)
    {
        string[] files = [.. Enumerable.Range(0, Bodies).Select(i => Write(folder, i))];
        // Until the compiler is done with what it compiles again beside the load.
        Wrk.Post(EncodeRoute(host, ""), MediaTypes.Json, files, Connections, WarmUpSeconds);
        var encodes = new List<Wrk.Load>();
        Wrk.Load last = null!;
        double[][] rates = Rounds.Alternate(
            () => Wrk.Post(new Uri(host.Address, "/constant"), MediaTypes.Json, files, Connections, Seconds).RequestsPerSecond,
            () =>
            {
                encodes.Add(last = Wrk.Post(EncodeRoute(host, ""), MediaTypes.Json, files, Connections, Seconds));
                return last.RequestsPerSecond;
            });
        Wrk.Load[] counted = [.. encodes.Skip(1)];
        report.Line(string.Create(CultureInfo.InvariantCulture,
            $"One embedding as JSON, wrk with {Connections} connections, which works on the same cores: {Rounds.Median(rates[1]):F0} requests/s, the median of a request {Rounds.Median(counted.Select(l => l.MedianMilliseconds)):F2} ms, p99 {Rounds.Median(counted.Select(l => l.P99Milliseconds)):F2} ms; {Rounds.Median(rates[0]):F0} requests/s where the body is parsed and a constant answered.\n"));
        report.AtLeast("http-encode-one", "HTTP encode of one embedding, of the rate of parsing it and answering a constant", 60, " %", 100 * Rounds.MedianRatio(rates[1], rates[0]));
        report.AtMost("http-encode-p99", "the same, p99 over median", 5, " ×", Rounds.Median(counted.Select(l => l.P99Milliseconds / l.MedianMilliseconds)));
    }

    private static async Task NpyAsync(BenchmarkReport report, ApiHost host, DirectoryInfo folder, IArtifactStore results)
    {
        float[] values = UntrainedModel.Rows(NpyRows, seed: 2);
        string file = Path.Combine(folder.FullName, "rows.npy");
        using (FileStream stream = File.Create(file))
        {
            NpyWriter.WriteHeader<float>(stream, NpyRows, UntrainedModel.InputDims);
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
        }
        // A session as the host has, of one thread; as many callers as connections.
        using EncoderModel model = await EncoderModelLoader.LoadAsync(results, UntrainedModel.Dataset, UntrainedModel.Version, threads: 1);
        double[][] rates = Rounds.Alternate(
            () => Bare(model, values),
            () => NpyRows * Wrk.Post(EncodeRoute(host, $"?k={UntrainedModel.K}"), MediaTypes.Npy, [file], NpyConnections, Seconds).RequestsPerSecond);
        report.Line(string.Create(CultureInfo.InvariantCulture,
            $"{NpyRows} embeddings as application/x-npy, wrk with {NpyConnections} connections: {Rounds.Median(rates[1]):F0} embeddings/s; {Rounds.Median(rates[0]):F0}/s by {NpyConnections} callers of the encoder at once.\n"));
        report.AtLeast("http-encode-npy", $"HTTP encode of {NpyRows} embeddings as application/x-npy, of the rate of {NpyConnections} callers of the encoder", 80, " %", 100 * Rounds.MedianRatio(rates[1], rates[0]));
    }

    private static double Bare(EncoderModel model, float[] values)
    {
        int calls = 0;
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        Task.WaitAll([.. Enumerable.Range(0, NpyConnections).Select(_ => Task.Factory.StartNew(() =>
        {
            for (; System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds; Interlocked.Increment(ref calls))
                model.EncodeToCodes(values, NpyRows, UntrainedModel.K);
        }, TaskCreationOptions.LongRunning))]);
        return calls * NpyRows / System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static Uri EncodeRoute(ApiHost host, string query) => new(host.Address, $"{ApiRoutes.Prefix}/models/{UntrainedModel.Dataset}/encode{query}");

    private static string Write(DirectoryInfo folder, int body)
    {
        string file = Path.Combine(folder.FullName, $"body-{body}.json");
        var text = new StringBuilder($"{{\"k\":{UntrainedModel.K},\"embeddings\":[[");
        File.WriteAllText(file, text.AppendJoin(',', UntrainedModel.Rows(1, seed: 100 + body).Select(v => v.ToString(CultureInfo.InvariantCulture))).Append("]]}").ToString());
        return file;
    }

    private sealed class NoWatchers : IWatcherLauncher
    {
        public Task WakeAsync(string dataset, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
