namespace HierEmbed.Pipeline.Workflows;

/// <summary>What an engine shows of a run: the same figures as <c>GET /runs/{id}</c>, and as few bytes for ten thousand files as for one.</summary>
/// <param name="Step">The step at work, as in the run's record.</param>
/// <param name="Rows">Rows that are trained on, held out or coded, once they are packed.</param>
/// <param name="Percent">Share of the planned optimizer steps that are done, 0 to 100.</param>
/// <param name="Epoch">Epochs completed.</param>
/// <param name="Epochs">Epochs planned.</param>
/// <param name="Loss">Training loss of the last completed epoch.</param>
public sealed record RunStatus(string Step, long? Rows = null, double? Percent = null, int? Epoch = null, int? Epochs = null, double? Loss = null);
