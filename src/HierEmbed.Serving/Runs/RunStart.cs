namespace HierEmbed.Serving.Runs;

/// <summary>What became of a request to train a dataset.</summary>
/// <param name="Run">The run for the files as they are.</param>
/// <param name="Accepted">True where there is work to do; false where that state of the files was trained already.</param>
public sealed record RunStart(RunView Run, bool Accepted);
