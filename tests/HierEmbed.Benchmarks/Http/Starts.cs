using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Core.Numpy;
using HierEmbed.Serving.Http;

namespace HierEmbed.Benchmarks.Http;

/// <summary>Processes from their start: the help, a server that answers, and the first request to its warmed-up model.</summary>
internal static class Starts
{
    private static readonly IReadOnlyDictionary<string, string> NoSettings = new Dictionary<string, string>();

    /// <summary>Measures.</summary>
    /// <param name="report">Told.</param>
    /// <param name="storage">A storage folder with the benchmark's model.</param>
    public static void Run(BenchmarkReport report, string storage)
    {
        double[][] starts = Rounds.Alternate(
            () => 1000 * Seconds(Environment.ProcessPath!, "nothing"),
            () => 1000 * Seconds(Cli.Executable, "--help"));
        var (loaded, first) = (new List<double>(), new List<double>());
        double[] ready = Rounds.Alternate(() =>
        {
            (double readySeconds, double loadedSeconds, double firstSeconds) = ServeAsync(storage).Result;
            loaded.Add(1000 * loadedSeconds);
            first.Add(1000 * firstSeconds);
            return 1000 * readySeconds;
        })[0];
        report.Line(FormattableString.Invariant($"A .NET program that does nothing takes {Rounds.Median(starts[0]):F0} ms of a process; `serve` has loaded the model {Rounds.Median(loaded.Skip(1)):F0} ms after its start.\n"));
        report.AtMost("cli-help", "`hierembed --help`, the whole process", 150, " ms", Rounds.Median(starts[1]));
        report.AtMost("serve-ready", "`hierembed serve` on a published model, from its start to an answer of /health", 1000, " ms", Rounds.Median(ready));
        report.AtMost("http-first-encode", "the first request after `serve` says that the model is ready", 100, " ms", Rounds.Median(first.Skip(1)));
    }

    private static double Seconds(string program, string argument) => Cli.Run(program, NoSettings, argument).Seconds;

    private static async Task<(double Ready, double Loaded, double FirstEncode)> ServeAsync(string storage)
    {
        using var content = new MemoryStream();
        NpyWriter.WriteHeader<float>(content, 1, UntrainedModel.InputDims);
        content.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(UntrainedModel.Rows(1, seed: 3)));
        int port = FreePort();
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}{ApiRoutes.Prefix}/") };
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(Cli.Executable, ["serve", "--storage", storage, "--urls", $"http://127.0.0.1:{port}"]) { RedirectStandardError = true })!;
        try
        {
            while (!await AnswersAsync(client))
            {
                if (process.HasExited)
                    throw new InvalidOperationException($"serve ended: {await process.StandardError.ReadToEndAsync()}");
                await Task.Delay(1);
            }
            double ready = Stopwatch.GetElapsedTime(start).TotalSeconds;
            while (await process.StandardError.ReadLineAsync() is { } line && !line.EndsWith(" is ready", StringComparison.Ordinal))
            {
            }
            double loaded = Stopwatch.GetElapsedTime(start).TotalSeconds;
            long encode = Stopwatch.GetTimestamp();
            using var body = new ByteArrayContent(content.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypes.Npy) } };
            using HttpResponseMessage answer = await client.PostAsync(new Uri($"models/{UntrainedModel.Dataset}/encode", UriKind.Relative), body);
            answer.EnsureSuccessStatusCode();
            return (ready, loaded, Stopwatch.GetElapsedTime(encode).TotalSeconds);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri("health", UriKind.Relative));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // It does not listen yet.
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
