using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Pipeline.Workflows;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>Calls every step twice, as at-least-once delivery may, and requires the same answer and the same stored state.</summary>
internal sealed class TwiceContext(Bench bench, string instanceId) : IWorkflowContext
{
    public string InstanceId => instanceId;

    public DateTime CurrentUtcDateTime => DateTime.UtcNow;

    public ILogger Logger => NullLogger.Instance;

    /// <summary>Steps that were called, in order.</summary>
    public List<string> Steps { get; } = [];

    public async Task<TResult> CallStepAsync<TResult>(string step, object input)
    {
        JsonElement json = JsonSerializer.SerializeToElement(input, input.GetType(), Json.Compact);
        Steps.Add(step);
        string first = (await bench.Pipeline.Step(step).RunJsonAsync(json, TestContext.Current.CancellationToken)).GetRawText();
        SortedDictionary<string, string> stored = await bench.SnapshotAsync();
        string second = (await bench.Pipeline.Step(step).RunJsonAsync(json, TestContext.Current.CancellationToken)).GetRawText();
        Assert.Equal(first, second);
        Assert.Equal(stored, await bench.SnapshotAsync());
        return JsonSerializer.Deserialize<TResult>(second, Json.Compact)!;
    }

    public Task WaitUntilAsync(DateTime utc) => Task.CompletedTask;

    public Task<TResult> CallWorkflowAsync<TResult>(string workflow, string childInstanceId, object input) => throw new NotSupportedException();

    public void SetStatus(object status)
    {
    }
}
