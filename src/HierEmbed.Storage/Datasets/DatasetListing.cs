using System.Security.Cryptography;
using System.Text;

namespace HierEmbed.Storage.Datasets;

/// <summary>The files of one dataset at one instant: what a run trains on.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Files">Embedding files, in ordinal order of names.</param>
/// <param name="TrainingJson">Raw bytes of <c>training.json</c>, or null where there is none.</param>
public sealed record DatasetListing(string Dataset, IReadOnlyList<DatasetFile> Files, byte[]? TrainingJson)
{
    /// <summary>16 hex digits of names, sizes, ETags and the raw <c>training.json</c>: any change gives another.</summary>
    public string Id()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (DatasetFile file in Files)
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{file.Name}\0{file.Bytes}\0{file.ETag}\0")));
        // No name holds a zero byte, so no two listings spell the same. An empty training.json is an error, none is not: they differ too.
        if (TrainingJson is not null)
        {
            hash.AppendData("\0training.json\0"u8);
            hash.AppendData(TrainingJson);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>The run that trains on this state.</summary>
    public string RunId() => $"{Dataset}-{Id()}";
}
