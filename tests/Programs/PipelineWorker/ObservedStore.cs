using System.Runtime.CompilerServices;
using HierEmbed.Storage;

namespace HierEmbed.PipelineWorker;

/// <summary>A store whose every call can be counted, held up, failed, or not survived.</summary>
public sealed class ObservedStore(IArtifactStore inner) : IArtifactStore
{
    /// <summary>Awaited before a call reaches the store.</summary>
    public Func<StoreCall, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Awaited after the store did what it was called for.</summary>
    public Func<StoreCall, Task> After { get; set; } = _ => Task.CompletedTask;

    public Task<bool> ExistsAsync(CancellationToken cancellationToken = default) => inner.ExistsAsync(cancellationToken);

    public Task<ArtifactInfo?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        AroundAsync(new(nameof(FindAsync), name), () => inner.FindAsync(name, cancellationToken));

    public Task<Stream> OpenReadAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default) =>
        AroundAsync(new(nameof(OpenReadAsync), name), () => inner.OpenReadAsync(name, ifMatch, cancellationToken));

    public Task<string?> WriteAsync(string name, Func<Stream, CancellationToken, Task> write, WriteCondition condition, CancellationToken cancellationToken = default) =>
        AroundAsync(new(nameof(WriteAsync), name), () => inner.WriteAsync(name, write, condition, cancellationToken));

    public Task<bool> DeleteAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default) =>
        AroundAsync(new(nameof(DeleteAsync), name), () => inner.DeleteAsync(name, ifMatch, cancellationToken));

    public async IAsyncEnumerable<ArtifactInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = new StoreCall(nameof(ListAsync), prefix);
        await Before(call);
        await foreach (ArtifactInfo info in inner.ListAsync(prefix, cancellationToken))
            yield return info;
        await After(call);
    }

    private async Task<T> AroundAsync<T>(StoreCall call, Func<Task<T>> work)
    {
        await Before(call);
        T result = await work();
        await After(call);
        return result;
    }
}
