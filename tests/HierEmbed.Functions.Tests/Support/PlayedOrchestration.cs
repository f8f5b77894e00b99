using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Functions.Workflows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Pipeline.Workflows;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>
/// An engine that runs the app's own functions: one activity at a time, as host.json has it, each twice, as at-least-once delivery may; the second call
/// must answer as the first did and leave stored what was stored. All that crosses is written as JSON.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose.")]
internal sealed class PlayedOrchestration : FakeOrchestration
{
    private readonly App app;
    private readonly SemaphoreSlim oneAtATime = new(1, 1);

    public PlayedOrchestration(App app)
    {
        this.app = app;
        Loggers = app.Get<ILoggerFactory>();
    }

    /// <summary>Whether it delivers twice; comparing takes long where much is stored.</summary>
    public bool DeliversTwice { get; init; } = true;

    /// <summary>Awaited before an activity is called for the first time.</summary>
    public Func<string, Task> Before { get; init; } = _ => Task.CompletedTask;

    /// <summary>Awaited after its last call.</summary>
    public Func<string, Task> After { get; init; } = _ => Task.CompletedTask;

    protected override async Task<TResult> ActivityAsync<TResult>(string name, object? input)
    {
        await oneAtATime.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            JsonElement sent = Cross<JsonElement>(input);
            await Before(name);
            JsonElement answer = await Activities.CallAsync(app, name, sent);
            if (DeliversTwice)
                await RequireSameAgainAsync(name, sent, answer);
            await After(name);
            return Cross<TResult>(answer);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    protected override async Task<TResult> OrchestratorAsync<TResult>(string name, object? input)
    {
        Assert.Equal(TrainModelWorkflow.Name, name);
        return Cross<TResult>(await WorkflowFunctions.TrainModelAsync(this, Cross<RunInput>(input)));
    }

    private async Task RequireSameAgainAsync(string name, JsonElement sent, JsonElement answer)
    {
        SortedDictionary<string, string> stored = await StoredState.SnapshotAsync(app.Storage.Results);
        JsonElement again = await Activities.CallAsync(app, name, sent);
        Assert.Equal(answer.GetRawText(), again.GetRawText());
        Assert.Equal(stored, await StoredState.SnapshotAsync(app.Storage.Results));
    }

    private static T Cross<T>(object? value) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, value!.GetType(), Json.Compact), Json.Compact)!;
}
