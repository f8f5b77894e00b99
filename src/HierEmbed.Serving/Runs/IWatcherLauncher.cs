namespace HierEmbed.Serving.Runs;

/// <summary>Starts the singleton watcher of a dataset on the engine that runs the workflows.</summary>
public interface IWatcherLauncher
{
    /// <summary>Starts the watcher <c>watch-&lt;dataset&gt;</c> unless it runs. Calling it twice does no harm.</summary>
    Task WakeAsync(string dataset, CancellationToken cancellationToken = default);
}
