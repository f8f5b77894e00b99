using System.Threading.Channels;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Writes the newest progress of a training to storage without holding the training up. Progress that is overtaken is not written.</summary>
internal sealed class ProgressWriter : IDisposable
{
    private static readonly TimeSpan MinimumInterval = TimeSpan.FromMilliseconds(200);
    private readonly Channel<TrainingProgress> newest = Channel.CreateBounded<TrainingProgress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly CancellationTokenSource ending = new();
    private readonly Task writing;

    /// <summary>Begins to write.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="name">The artifact that is replaced.</param>
    public ProgressWriter(IArtifactStore store, string name) => writing = Task.Run(() => WriteAllAsync(store, name));

    /// <summary>Takes the newest progress.</summary>
    public void Report(TrainingProgress progress) => newest.Writer.TryWrite(progress);

    /// <summary>Writes what was reported last and waits for it, so that nothing comes after what the step writes itself.</summary>
    public void Dispose()
    {
        newest.Writer.Complete();
        ending.Cancel();
        writing.GetAwaiter().GetResult();
        ending.Dispose();
    }

    private async Task WriteAllAsync(IArtifactStore store, string name)
    {
        await foreach (TrainingProgress progress in newest.Reader.ReadAllAsync())
        {
            await WriteAsync(store, name, progress);
            await Task.Delay(MinimumInterval, ending.Token).ContinueWith(_ => { }, TaskScheduler.Default); // cut short where the training ends
        }
    }

    private static async Task WriteAsync(IArtifactStore store, string name, TrainingProgress progress)
    {
        try
        {
            await store.WriteJsonAsync(name, progress, WriteCondition.Always);
        }
        catch (Exception)
        {
            // For show only, and not worth minutes of training: where storage stays away, the step meets the same at its end.
        }
    }
}
