using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Functions.Workflows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Workflows;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>An engine that runs the app's own functions: each activity twice, as at-least-once delivery may, with all that crosses written as JSON.</summary>
/// <param name="app">The app.</param>
internal sealed class PlayedOrchestration(App app) : FakeOrchestration
{
    protected override async Task<TResult> ActivityAsync<TResult>(string name, object? input)
    {
        FunctionMethod function = FunctionMethod.All.Single(f => f.Name == name);
        object functions = app.Make(function.Method.DeclaringType!);
        JsonElement sent = Cross<JsonElement>(input);
        JsonElement first = await (Task<JsonElement>)function.Method.Invoke(functions, [sent, TestContext.Current.CancellationToken])!;
        // A marker that was cleared stays cleared, and a run's records move on: only that it does no harm can be asked of the second delivery.
        JsonElement second = await (Task<JsonElement>)function.Method.Invoke(functions, [sent, TestContext.Current.CancellationToken])!;
        Assert.Equal(first.ValueKind, second.ValueKind);
        return Cross<TResult>(second);
    }

    protected override async Task<TResult> OrchestratorAsync<TResult>(string name, object? input)
    {
        Assert.Equal(TrainModelWorkflow.Name, name);
        return Cross<TResult>(await WorkflowFunctions.TrainModelAsync(this, Cross<RunInput>(input)));
    }

    private static T Cross<T>(object? value) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, value!.GetType(), Json.Compact), Json.Compact)!;
}
