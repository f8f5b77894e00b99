namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of a step that needs no more than its run.</summary>
/// <param name="RunId">The run.</param>
public sealed record RunInput(string RunId) : IRunInput;
