using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using HierEmbed.Cli.Tests.Support;

namespace HierEmbed.Cli.Tests;

/// <summary>What the README says is what the program does: tables are made from the code, commands are run.</summary>
public sealed partial class ReadmeTests
{
    public static TheoryData<string> Tables => ["problems", "recipes", "settings", "benchmarks"];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Table_IsMadeFromTheCode(string name)
    {
        string table = name switch { "problems" => DocTables.Problems(), "recipes" => DocTables.Recipes(), "settings" => DocTables.Settings(), _ => DocTables.Benchmarks() };
        string readme = Repository.Read("README.md");
        var place = new Regex($"<!-- {name} -->.*<!-- /{name} -->", RegexOptions.Singleline);
        Assert.Single(place.Matches(readme));
        string expected = place.Replace(readme, _ => $"<!-- {name} -->\n{table}\n<!-- /{name} -->");
        if (Environment.GetEnvironmentVariable("HIEREMBED_WRITE_DOCS") == "1")
            File.WriteAllText(Path.Combine(Repository.Root, "README.md"), expected);
        else
            Assert.True(readme == expected, $"README.md is behind the code: run this test once with HIEREMBED_WRITE_DOCS=1.\n{table}");
    }

    [Fact]
    public void Problems_HaveCodesOfTheirOwn()
    {
        string[] codes = [.. DocTables.ProblemTypesDeclared.Select(type => type.Code)];
        Assert.Equal(codes.Distinct(), codes);
        Assert.All(codes, code => Assert.Matches("^[a-z]+(-[a-z]+)*$", code));
        Assert.All(DocTables.ProblemTypesDeclared, type => Assert.InRange(type.Status, 400, 599));
    }

    [Fact]
    public async Task Commands_RunAsWritten()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("vectors.npy"), 300, dims: 64);
        string script = Assert.Single(Blocks("commands"));
        await BashAsync(folder.Root, script, new Dictionary<string, string>());
        Assert.Contains("codes.npz", folder.Entries);
        Assert.Contains("codes.jsonl", folder.Entries);
    }

    [Fact]
    public async Task CurlCommands_AgainstAServedModel_AllSucceed()
    {
        using var folder = new TemporaryFolder();
        const int dims = 64;
        const string training = """{"epochs": 2, "latentDims": 128, "trainKs": [8, 32], "prefixDivisors": [2]}""";
        WriteBodies(folder, dims);
        folder.Write("storage/embeddings/docs/training.json", training);
        File.Copy(folder.At("vectors.npy"), folder.At("storage/embeddings/docs/a.npy"));
        await using Server server = await Server.StartAsync(folder.At("storage"));
        string old = await server.VersionAfterAsync("docs", null);
        SmallRows.WriteNpy(folder.At("storage/embeddings/docs/b.npy"), 100, dims, seed: 5);
        string version = await server.VersionAfterAsync("docs", old);
        // A training that is there to be cancelled.
        folder.Write("storage/embeddings/endless/training.json", """{"epochs": 10000, "patience": 0}""");
        SmallRows.WriteNpy(folder.At("storage/embeddings/endless/a.npy"), 2_000, dims);
        JsonElement endless = await server.RunAsync("endless", "running");

        var variables = new Dictionary<string, string>
        {
            ["BASE"] = new Uri(server.Address, "/api/v1").ToString(),
            ["RUN"] = endless.GetProperty("runId").GetString()!,
            ["VERSION"] = version,
            ["OLD"] = old,
        };
        string[] commands = [.. Blocks("curl").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.All(commands, command => Assert.StartsWith("curl ", command, StringComparison.Ordinal));
        foreach (string command in commands)
            await BashAsync(folder.Root, $"curl() {{ command curl --fail-with-body --silent --show-error \"$@\"; }}\n{command}", variables);
        Assert.Contains("dense.npy", folder.Entries);
        await server.RunAsync("endless", "cancelled");
    }

    [Fact]
    public void CurlCommands_CoverEveryRoute()
    {
        string curls = string.Join('\n', Blocks("curl"));
        using var routes = new Serving.Http.ApiRoutes(new Core.Options.HierEmbedOptions(), new Storage.HierEmbedStorage(new Storage.Folders.FolderStore(Path.GetTempPath()), new Storage.Folders.FolderStore(Path.GetTempPath())),
            new NoLauncher(), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        foreach (Serving.Http.EndpointDefinition route in routes.All)
        {
            string path = Regex.Escape(route.Route.Replace("{dataset}", "docs", StringComparison.Ordinal).Replace("{id}", "$RUN", StringComparison.Ordinal));
            string method = route.Method switch { "GET" => "(?!.*(-d|-X|--data))", "POST" => "(?=.*(-d|--data))", _ => $"(?=.*-X {route.Method})" };
            Assert.Matches(new Regex($@"^curl {method}.*\$BASE/{path}[""?]", RegexOptions.Multiline), curls);
        }
    }

    private static void WriteBodies(TemporaryFolder folder, int dims)
    {
        float[] values = SmallRows.Make(300, dims);
        SmallRows.WriteNpy(folder.At("vectors.npy"), values, dims);
        float[][] rows = [.. values.Chunk(dims).Take(4)];
        folder.Write("embeddings.json", JsonSerializer.Serialize(new { embeddings = rows }));
        folder.Write("rows.jsonl", string.Join('\n', rows.Select((row, i) => JsonSerializer.Serialize(new { id = i, embedding = row }))));
        folder.Write("pairs.json", JsonSerializer.Serialize(new { query = rows[0], candidates = rows[1..] }));
    }

    private static IEnumerable<string> Blocks(string kind) => Block().Matches(Repository.Read("README.md")).Where(match => match.Groups["kind"].Value == kind).Select(match => match.Groups["text"].Value);

    private static async Task BashAsync(string folder, string script, IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo("bash", ["-e", "-u", "-o", "pipefail", "-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(Hierembed.Executable)}:{Environment.GetEnvironmentVariable("PATH")}";
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{script}\nended with {process.ExitCode}\n{output}\n{await errors}");
    }

    [GeneratedRegex(@"^```bash (?<kind>\w+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    private sealed class NoLauncher : Serving.Runs.IWatcherLauncher
    {
        public Task WakeAsync(string dataset, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
