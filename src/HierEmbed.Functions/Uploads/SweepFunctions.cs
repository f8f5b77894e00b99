using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Uploads;

/// <summary>The sweep.</summary>
/// <param name="sweep">What it does.</param>
public sealed class SweepFunctions(MarkerSweep sweep)
{
    /// <summary>Every five minutes.</summary>
    [Function("SweepDatasets")]
    public Task SweepDatasetsAsync([TimerTrigger("0 */5 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        sweep.RunAsync(client, cancellationToken);
}
