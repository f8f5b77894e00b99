using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Http;

/// <summary>What the HTTP side tells.</summary>
internal static partial class ProblemLog
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void Unexpected(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(2, LogLevel.Warning, "{Method} {Path} found something that cannot be used")]
    public static partial void Faulty(ILogger logger, Exception exception, string method, string path);
}
