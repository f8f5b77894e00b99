using HierEmbed.Core.Errors;

namespace HierEmbed.Storage.Datasets;

/// <summary>Finds datasets in the uploads container: a folder <c>&lt;dataset&gt;/…</c>, or one file <c>&lt;dataset&gt;.&lt;ext&gt;</c> at the root.</summary>
/// <param name="uploads">The uploads container.</param>
public sealed class DatasetCatalog(IArtifactStore uploads)
{
    /// <summary>Name of the file that asks for a recipe.</summary>
    public const string TrainingFile = "training.json";

    /// <summary>The dataset that an upload belongs to: its first folder, or its stem where it lies at the root.</summary>
    /// <returns>The name as found, which need not be a valid one; null for what is no upload (hidden files).</returns>
    public static string? DatasetOf(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? name : name[..slash];
        if (first.StartsWith('.') || name.Contains("/.", StringComparison.Ordinal))
            return null;
        return slash < 0 ? Path.GetFileNameWithoutExtension(first) : first;
    }

    /// <summary>Whether an upload carries embeddings, rather than settings or labels beside them.</summary>
    public static bool IsEmbeddingFile(string name)
    {
        string file = name[(name.LastIndexOf('/') + 1)..];
        return DatasetOf(name) is not null
            && file != TrainingFile
            && !(name.Contains('/', StringComparison.Ordinal) && file.StartsWith("labels.", StringComparison.Ordinal));
    }

    /// <summary>Lists one dataset.</summary>
    /// <exception cref="DatasetException">The name is not allowed, there is no such dataset, or two uploads claim it.</exception>
    public async Task<DatasetListing> ListAsync(string dataset, CancellationToken cancellationToken = default)
    {
        DatasetName.Require(dataset);
        var inFolder = new List<DatasetFile>();
        var atRoot = new List<DatasetFile>();
        string? trainingJson = null;
        await foreach (ArtifactInfo info in uploads.ListAsync(dataset, cancellationToken))
        {
            if (DatasetOf(info.Name) != dataset)
                continue;
            bool root = !info.Name.Contains('/', StringComparison.Ordinal);
            if (info.Name == $"{dataset}/{TrainingFile}")
                trainingJson = info.Name;
            else if (IsEmbeddingFile(info.Name))
                (root ? atRoot : inFolder).Add(new DatasetFile(info.Name, info.Bytes, info.ETag));
        }
        if (atRoot.Count + inFolder.Count == 0)
            throw new DatasetException(ProblemTypes.DatasetNotFound,
                $"Dataset \"{dataset}\" has no embedding files. Upload some as {dataset}/<file>, or one as {dataset}.npy.");
        if (atRoot.Count > 1 || (atRoot.Count == 1 && inFolder.Count > 0))
        {
            string other = atRoot.Count > 1 ? atRoot[1].Name : $"the folder {dataset}/";
            throw new DatasetException(ProblemTypes.AmbiguousDataset,
                $"{atRoot[0].Name} and {other} both claim dataset \"{dataset}\". Put the files of one dataset into one folder {dataset}/, or rename one of them.");
        }
        byte[]? training = trainingJson is null ? null : await uploads.ReadBytesAsync(trainingJson, cancellationToken);
        return new DatasetListing(dataset, [.. atRoot, .. inFolder], training);
    }
}
