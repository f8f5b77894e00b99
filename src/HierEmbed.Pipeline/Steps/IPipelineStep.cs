using System.Text.Json;

namespace HierEmbed.Pipeline.Steps;

/// <summary>A step as an engine sees it: a name, JSON in, JSON out.</summary>
public interface IPipelineStep
{
    /// <summary>Name that workflows call it by.</summary>
    string Name { get; }

    /// <summary>Runs the step on input that crossed an engine's boundary.</summary>
    Task<JsonElement> RunJsonAsync(JsonElement input, CancellationToken cancellationToken);
}
