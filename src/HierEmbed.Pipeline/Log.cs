using HierEmbed.Storage.Runs;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Pipeline;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Step {Step} of {Instance} failed (attempt {Attempt} of {Attempts}) and is called again")]
    public static partial void StepRetried(ILogger logger, string step, string instance, int attempt, int attempts, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId} ended: {State} {Detail}")]
    public static partial void RunEnded(ILogger logger, string runId, RunState state, string? detail);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Instance}: {Status}")]
    public static partial void Status(ILogger logger, string instance, string status);

    [LoggerMessage(Level = LogLevel.Error, Message = "The watcher of dataset {Dataset} failed; the next sweep starts it again")]
    public static partial void WatcherFailed(ILogger logger, string dataset, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking for uploads failed; it is tried again")]
    public static partial void ScanFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Marking the dataset of upload {Name} failed (attempt {Attempt} of {Attempts}) and is tried again")]
    public static partial void UploadRetried(ILogger logger, string name, int attempt, int attempts, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Upload {Name} is ignored: {Detail}")]
    public static partial void UploadRefused(ILogger logger, string name, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Dataset {Dataset} cannot be trained: {Detail}")]
    public static partial void DatasetRefused(ILogger logger, string dataset, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The container {Container} is not there: make it and upload embedding files to it. It is looked for again")]
    public static partial void UploadsMissing(ILogger logger, string container);

    [LoggerMessage(Level = LogLevel.Information, Message = "The container {Container} is there now")]
    public static partial void UploadsThere(ILogger logger, string container);

    [LoggerMessage(Level = LogLevel.Information, Message = "Dataset {Dataset} has new files")]
    public static partial void DatasetChanged(ILogger logger, string dataset);
}
