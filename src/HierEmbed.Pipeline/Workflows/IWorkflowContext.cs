using Microsoft.Extensions.Logging;

namespace HierEmbed.Pipeline.Workflows;

/// <summary>All that a workflow sees of the engine that runs it. A workflow touches no clock, random source, file or network but through this.</summary>
/// <remarks>An adapter over a durable engine returns the engine's own tasks unwrapped: nothing else may be awaited in a workflow.</remarks>
public interface IWorkflowContext
{
    /// <summary>Id of this instance.</summary>
    string InstanceId { get; }

    /// <summary>The engine's clock, UTC; the same at every replay.</summary>
    DateTime CurrentUtcDateTime { get; }

    /// <summary>A logger that is silent while the engine replays.</summary>
    ILogger Logger { get; }

    /// <summary>Calls a step, retried by the engine where it throws what a retry can cure.</summary>
    /// <param name="step">Name of the step.</param>
    /// <param name="input">Its input: references and small numbers.</param>
    Task<TResult> CallStepAsync<TResult>(string step, object input);

    /// <summary>Waits until a time, UTC.</summary>
    Task WaitUntilAsync(DateTime utc);

    /// <summary>Runs another workflow to its end.</summary>
    Task<TResult> CallWorkflowAsync<TResult>(string workflow, string instanceId, object input);

    /// <summary>Shows where the instance stands; under 16 KB as JSON.</summary>
    void SetStatus(object status);
}
