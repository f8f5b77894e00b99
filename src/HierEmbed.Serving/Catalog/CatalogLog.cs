using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Catalog;

/// <summary>What the catalog tells.</summary>
internal static partial class CatalogLog
{
    [LoggerMessage(1, LogLevel.Information, "Loaded model {Dataset}, version {Version}")]
    public static partial void Loaded(ILogger logger, string dataset, string version);

    [LoggerMessage(2, LogLevel.Information, "Model {Dataset} serves version {Version} in place of {Previous}")]
    public static partial void Replaced(ILogger logger, string dataset, string version, string previous);

    [LoggerMessage(3, LogLevel.Error, "Model {Dataset}, version {Version} cannot be loaded; version {Serving} is served on")]
    public static partial void LoadFailed(ILogger logger, Exception exception, string dataset, string version, string serving);

    [LoggerMessage(4, LogLevel.Warning, "The pointer of model {Dataset} cannot be read; version {Serving} is served on")]
    public static partial void PollFailed(ILogger logger, Exception exception, string dataset, string serving);

    [LoggerMessage(6, LogLevel.Information, "Model {Dataset}, version {Version} is ready")]
    public static partial void Ready(ILogger logger, string dataset, string version);

    [LoggerMessage(7, LogLevel.Warning, "Model {Dataset} cannot be made ready; requests will try again")]
    public static partial void WarmUpFailed(ILogger logger, Exception exception, string dataset);

    [LoggerMessage(5, LogLevel.Error, "Rows that a newer run stored for model {Dataset}, version {Version} cannot be opened; the ones before are searched on")]
    public static partial void RowsFailed(ILogger logger, Exception exception, string dataset, string version);

    [LoggerMessage(8, LogLevel.Warning, "The search index of model {Dataset}, version {Version} in the scratch folder cannot be used; it is built again")]
    public static partial void IndexDamaged(ILogger logger, Exception exception, string dataset, string version);

    [LoggerMessage(9, LogLevel.Warning, "The old search index {Path} cannot be deleted")]
    public static partial void IndexKept(ILogger logger, Exception exception, string path);
}
