using System.Text.Json;
using System.Text.RegularExpressions;
using HierEmbed.Functions.Hosting;
using HierEmbed.Functions.Tests.Support;
using HierEmbed.Pipeline;
using HierEmbed.Pipeline.Workflows;
using HierEmbed.Serving.Http;
using Microsoft.Azure.Functions.Worker;

namespace HierEmbed.Functions.Tests;

public sealed partial class FunctionTableTests : IDisposable
{
    private readonly App app = new();

    public void Dispose() => app.Dispose();

    [Fact]
    public void HttpFunctions_RoutesMethodsAndLevels_AreThoseOfTheTable() => Assert.Equal(
        app.Get<ApiRoutes>().All.Select(e => $"{e.Name} {e.Method} {ApiRoutes.Prefix}/{e.Route} {(e.Anonymous ? AuthorizationLevel.Anonymous : AuthorizationLevel.Function)}").Order(),
        FunctionMethod.With<HttpTriggerAttribute>().Select(f => $"{f.Function.Name} {string.Join(',', f.Trigger.Methods!).ToUpperInvariant()} /{f.Trigger.Route} {f.Trigger.AuthLevel}").Order());

    [Fact]
    public void HttpFunctions_Code_CallsTheEndpointOfItsName()
    {
        string code = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "src/HierEmbed.Functions/Http"), "*.cs").Select(File.ReadAllText));
        (string Function, string Endpoint)[] found = [.. FunctionAndEndpoint().Matches(code).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];
        Assert.Equal(app.Get<ApiRoutes>().All.Select(e => e.Name).Order(), found.Select(f => f.Function).Order());
        Assert.All(found, f => Assert.Equal(f.Function, f.Endpoint));
    }

    [Fact]
    public void HostJson_RoutePrefix_LeavesTheRoutesAsTheyAre() =>
        Assert.Equal("", HostJson().GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());

    [Fact]
    public void HostJson_Timeout_HoldsAStepsBudget()
    {
        // A step looks at its budget between blocks and batches, so it may run over.
        TimeSpan timeout = TimeSpan.Parse(HostJson().GetProperty("functionTimeout").GetString()!, null);
        Assert.True(timeout >= 1.5 * Settings.MostStepBudget);
        Assert.True(Settings.MostStepBudget >= new Core.Options.HierEmbedOptions().StepBudget);
        Assert.Equal(1, HostJson().GetProperty("extensions").GetProperty("durableTask").GetProperty("maxConcurrentActivityFunctions").GetInt32());
    }

    [Fact]
    public void Activities_AreTheStepsOfThePipeline() => Assert.Equal(
        app.Get<HierEmbedPipeline>().StepNames.Order(),
        FunctionMethod.With<ActivityTriggerAttribute>().Select(f => f.Function.Name).Order());

    [Fact]
    public async Task Activities_WithoutInput_AreRefusedByTheStepOfTheirName()
    {
        foreach ((FunctionMethod function, _) in FunctionMethod.With<ActivityTriggerAttribute>())
        {
            object functions = app.Make(function.Method.DeclaringType!);
            JsonElement nothing = JsonSerializer.SerializeToElement<object?>(null);
            var error = await Assert.ThrowsAsync<ArgumentException>(() => (Task)function.Method.Invoke(functions, [nothing, TestContext.Current.CancellationToken])!);
            Assert.StartsWith($"Step {function.Name} was", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Orchestrators_AreTheWorkflows() => Assert.Equal(
        [TrainModelWorkflow.Name, WatchDatasetWorkflow.Name],
        FunctionMethod.With<OrchestrationTriggerAttribute>().Select(f => f.Function.Name).Order());

    [Fact]
    public void UploadFunctions_BothSources_WatchTheUploadsContainer()
    {
        var triggers = FunctionMethod.With<BlobTriggerAttribute>().ToDictionary(f => f.Function.Name, f => f.Trigger);
        Assert.Equal(BlobTriggerSource.LogsAndContainerScan, triggers["OnEmbeddingsUploaded"].Source);
        Assert.Equal(BlobTriggerSource.EventGrid, triggers["OnEmbeddingsUploadedEventGrid"].Source);
        Assert.Equal(2, triggers.Count);
        Assert.All(triggers.Values, trigger =>
        {
            Assert.Equal("%HierEmbed:UploadsContainer%/{name}", trigger.BlobPath);
            Assert.Equal(Settings.Connection, trigger.Connection);
        });
    }

    [Fact]
    public void Functions_AreThoseOfTheTablesAndFiveMore() =>
        // Two upload functions and the sweep, two workflows, and what the other tests hold against their tables.
        Assert.Equal(5 + app.Get<HierEmbedPipeline>().StepNames.Count + app.Get<ApiRoutes>().All.Count, FunctionMethod.All.Count);

    [Fact]
    public void RequestsFile_CallsEveryRoute() => Assert.Equal(
        app.Get<ApiRoutes>().All.Select(e => $"{e.Name} {e.Method} {e.Route.Replace("{dataset}", "{{dataset}}", StringComparison.Ordinal).Replace("{id}", "{{run}}", StringComparison.Ordinal)}").Order(),
        Request().Matches(Repository.Read("src/HierEmbed.Functions/requests.http")).Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value} {m.Groups[3].Value}").Order());

    [Fact]
    public void Readme_SaysWhatEachFunctionDoes()
    {
        string table = Repository.Read("README.md").Split("<!-- functions -->")[1].Split("<!-- /functions -->")[0];
        string[] firstColumn = [.. table.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')[1])];
        Assert.Equal(FunctionMethod.All.Select(f => f.Name).Order(), firstColumn.SelectMany(cell => Name().Matches(cell)).Select(m => m.Groups[1].Value).Order());
    }

    [Fact]
    public void FunctionClasses_CanAllBeMade() =>
        Assert.All(FunctionMethod.All.Select(f => f.Method).Where(m => !m.IsStatic).Select(m => m.DeclaringType!).Distinct(), type => Assert.NotNull(app.Make(type)));

    private static JsonElement HostJson() => JsonDocument.Parse(Repository.Read("host.json")).RootElement;

    [GeneratedRegex("""\[Function\("(\w+)"\)\].+?routes\.RunAsync\("(\w+)",""", RegexOptions.Singleline)]
    private static partial Regex FunctionAndEndpoint();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Name();

    [GeneratedRegex("""^### (\w+)\n(\w+) \{\{base\}\}/([^\s?]+)""", RegexOptions.Multiline)]
    private static partial Regex Request();
}
