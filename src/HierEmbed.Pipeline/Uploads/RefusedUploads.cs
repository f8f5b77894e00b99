using System.Security.Cryptography;
using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Pipeline.Uploads;

/// <summary>Uploads that belong to no dataset: in the log, and beside the failures of runs.</summary>
/// <param name="results">The results container.</param>
/// <param name="logger">The logger.</param>
internal sealed class RefusedUploads(IArtifactStore results, ILogger logger)
{
    /// <summary>Says why an upload is ignored, where it is.</summary>
    /// <param name="name">The upload's name.</param>
    /// <param name="dataset">What its dataset would be called.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>Whether it is refused: its dataset can have no such name, or an artifact cannot, so that it would not be listed.</returns>
    public async Task<bool> RefusesAsync(string name, string dataset, CancellationToken cancellationToken)
    {
        try
        {
            DatasetName.Require(dataset);
            ArtifactNames.Require(name);
            return false;
        }
        catch (HierEmbedException e)
        {
            Log.UploadRefused(logger, name, e.Message);
            string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];
            await results.WriteJsonAsync($"failures/refused-uploads/{key}.json", e.ToProblem(), WriteCondition.Always, cancellationToken);
            return true;
        }
    }
}
