using System.Security.Cryptography;
using System.Text;
using HierEmbed.Storage;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>What a store holds, to be compared.</summary>
internal static class StoredState
{
    private static readonly string[] Unstable = ["updatedAt", "createdAt", "publishedAt", "samplesPerSecond", "<dt>Made</dt>", "rows a second"];

    /// <summary>All that is stored under a prefix, by name: a hash of the content, or JSON and pages with times and rates left out.</summary>
    public static async Task<SortedDictionary<string, string>> SnapshotAsync(IArtifactStore store, string prefix = "")
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        var names = new List<string>();
        await foreach (ArtifactInfo info in store.ListAsync(prefix, cancellation))
            names.Add(info.Name);
        var snapshot = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            byte[] content = await store.ReadBytesAsync(name, cancellation);
            snapshot[name] = name.EndsWith(".json", StringComparison.Ordinal) || name.EndsWith(".html", StringComparison.Ordinal)
                ? string.Join('\n', Encoding.UTF8.GetString(content).Split('\n').Where(line => !Unstable.Any(line.Contains)))
                : Convert.ToHexString(SHA256.HashData(content));
        }
        return snapshot;
    }
}
