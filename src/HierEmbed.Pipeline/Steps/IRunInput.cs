namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of a step that belongs to a run.</summary>
public interface IRunInput
{
    /// <summary>The run.</summary>
    string RunId { get; }
}
