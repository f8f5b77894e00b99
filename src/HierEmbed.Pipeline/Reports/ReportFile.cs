using System.Security.Cryptography;
using System.Text;
using HierEmbed.Core.Models;
using HierEmbed.Storage;

namespace HierEmbed.Pipeline.Reports;

/// <summary>Puts the report into a version's folder.</summary>
public static class ReportFile
{
    /// <summary>Writes the report, unless one is there: as with the model's other files, what is there first stays.</summary>
    /// <param name="results">The results container.</param>
    /// <param name="manifest">The manifest that is about to be written.</param>
    /// <param name="metrics">Everything measured.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>SHA-256 of the report that is there now, hex.</returns>
    public static async Task<string> WriteAsync(IArtifactStore results, ModelManifest manifest, ModelMetrics metrics, CancellationToken cancellationToken)
    {
        string name = Layout.Version(manifest.Dataset, manifest.Version) + Layout.ReportFile;
        byte[] page = Encoding.UTF8.GetBytes(ReportPage.Render(manifest, metrics));
        if (await results.WriteBytesAsync(name, page, WriteCondition.IfAbsent, cancellationToken) is null)
            page = await results.ReadBytesAsync(name, cancellationToken);
        return Convert.ToHexStringLower(SHA256.HashData(page));
    }
}
