using HierEmbed.Storage;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Pipeline.Uploads;

/// <summary>Says when the uploads container is missing, and when it has come: to a listing both look like a container without uploads.</summary>
/// <param name="uploads">The uploads container.</param>
/// <param name="name">What it is called.</param>
/// <param name="logger">The logger.</param>
public sealed class UploadsPresence(IArtifactStore uploads, string name, ILogger logger)
{
    /// <summary>Whether it was missing when it was last looked for.</summary>
    public bool IsMissing { get; private set; }

    /// <summary>Looks for it. Nothing is said where all is as it was; at first it is taken to be there.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        bool isMissing = !await uploads.ExistsAsync(cancellationToken);
        if (isMissing && !IsMissing)
            Log.UploadsMissing(logger, name);
        if (!isMissing && IsMissing)
            Log.UploadsThere(logger, name);
        IsMissing = isMissing;
    }
}
