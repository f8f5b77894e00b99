namespace HierEmbed.Storage.Runs;

/// <summary>Numbers that only grow, one series a dataset: they order runs and rollbacks whatever the clocks say.</summary>
/// <param name="results">The results container.</param>
public sealed class SequenceCounter(IArtifactStore results)
{
    private sealed record Counter(long Value);

    /// <summary>Takes the next number, from 1. A number that is taken and not used leaves a gap, which harms nothing.</summary>
    public async Task<long> NextAsync(string dataset, CancellationToken cancellationToken = default)
    {
        string name = Layout.Sequence(dataset);
        while (true)
        {
            (Counter? found, string? etag) = await results.FindJsonAsync<Counter>(name, cancellationToken);
            var next = new Counter((found?.Value ?? 0) + 1);
            if (await results.WriteJsonAsync(name, next, WriteCondition.IfUnchanged(etag), cancellationToken) is not null)
                return next.Value;
        }
    }
}
