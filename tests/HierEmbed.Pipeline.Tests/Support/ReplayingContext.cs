using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Pipeline.Workflows;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>One call that a workflow made, in the order in which it made them.</summary>
/// <param name="Kind">step, workflow or timer.</param>
/// <param name="Name">The step, the workflow with its instance id, or nothing.</param>
/// <param name="Input">Its input as JSON, or the time that is waited for.</param>
internal sealed record WorkflowCall(string Kind, string Name, string Input);

/// <summary>Runs a workflow as a durable engine does: on one thread, each call answered from outside, nothing else awaited.</summary>
internal sealed class ReplayingContext(string instanceId) : IWorkflowContext
{
    private static readonly DateTime Start = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly SortedDictionary<int, Action<string>> answers = [];
    private readonly List<WorkflowCall> calls = [];
    private readonly List<string> statuses = [];
    private int answered;

    public string InstanceId => instanceId;

    public DateTime CurrentUtcDateTime => Start.AddSeconds(answered);

    public ILogger Logger => NullLogger.Instance;

    public IReadOnlyList<WorkflowCall> Calls => calls;

    public IReadOnlyList<string> Statuses => statuses;

    /// <summary>Numbers of the calls that wait for an answer.</summary>
    public IReadOnlyCollection<int> Outstanding => answers.Keys;

    public Task<TResult> CallStepAsync<TResult>(string step, object input) => Ask<TResult>("step", step, Serialize(input));

    public Task WaitUntilAsync(DateTime utc) => Ask<object>("timer", string.Empty, utc.ToString("O"));

    public Task<TResult> CallWorkflowAsync<TResult>(string workflow, string childInstanceId, object input) =>
        Ask<TResult>("workflow", $"{workflow} {childInstanceId}", Serialize(input));

    public void SetStatus(object status) => statuses.Add(Serialize(status));

    /// <summary>Answers a call; the workflow runs on until it waits again.</summary>
    public void Answer(int call, string json)
    {
        Action<string> answer = answers[call];
        answers.Remove(call);
        answered++;
        answer(json);
    }

    private Task<TResult> Ask<TResult>(string kind, string name, string input)
    {
        // Continuations run inside Answer, so that the workflow has come to rest when it returns.
        var source = new TaskCompletionSource<TResult>();
        answers.Add(calls.Count, json => source.SetResult(JsonSerializer.Deserialize<TResult>(json, Json.Compact)!));
        calls.Add(new WorkflowCall(kind, name, input));
        return source.Task;
    }

    private static string Serialize(object value) => JsonSerializer.Serialize(value, value.GetType(), Json.Compact);
}
