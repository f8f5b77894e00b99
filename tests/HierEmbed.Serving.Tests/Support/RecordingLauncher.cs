using System.Collections.Concurrent;
using HierEmbed.Serving.Runs;

namespace HierEmbed.Serving.Tests.Support;

/// <summary>Remembers which watchers were woken.</summary>
internal sealed class RecordingLauncher : IWatcherLauncher
{
    public ConcurrentQueue<string> Woken { get; } = new();

    public Task WakeAsync(string dataset, CancellationToken cancellationToken = default)
    {
        Woken.Enqueue(dataset);
        return Task.CompletedTask;
    }
}
