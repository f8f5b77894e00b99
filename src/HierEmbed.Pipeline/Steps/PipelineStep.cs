using System.Text.Json;
using HierEmbed.Core;

namespace HierEmbed.Pipeline.Steps;

/// <summary>One step of a workflow. Called again with the same input it finds what it has done and returns the same.</summary>
/// <typeparam name="TInput">References and small numbers: no vector crosses a step's boundary.</typeparam>
/// <typeparam name="TOutput">As small.</typeparam>
/// <param name="name">Name that workflows call it by.</param>
public abstract class PipelineStep<TInput, TOutput>(string name) : IPipelineStep
{
    /// <inheritdoc />
    public string Name { get; } = name;

    /// <summary>Runs the step.</summary>
    public abstract Task<TOutput> RunAsync(TInput input, CancellationToken cancellationToken);

    /// <inheritdoc />
    public async Task<JsonElement> RunJsonAsync(JsonElement input, CancellationToken cancellationToken)
    {
        TInput typed = input.Deserialize<TInput>(Json.Compact) ?? throw new ArgumentException($"Step {Name} was called without input.", nameof(input));
        return JsonSerializer.SerializeToElement(await RunAsync(typed, cancellationToken), Json.Compact);
    }
}
