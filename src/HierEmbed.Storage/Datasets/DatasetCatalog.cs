using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Storage.Datasets;

/// <summary>Finds datasets in the uploads container: a folder <c>&lt;dataset&gt;/…</c>, or one file <c>&lt;dataset&gt;.&lt;ext&gt;</c> at the root.</summary>
/// <param name="uploads">The uploads container.</param>
public sealed class DatasetCatalog(IArtifactStore uploads)
{
    /// <summary>Name of the file that asks for a recipe.</summary>
    public const string TrainingFile = "training.json";

    private const int MaxTrainingBytes = 64 * 1024;

    /// <summary>The dataset that an upload belongs to: its first folder, or its stem where it lies at the root.</summary>
    /// <returns>The name as found, which need not be a valid one; null for what is no upload: hidden files, and the empty <c>folder/</c> that some tools leave.</returns>
    public static string? DatasetOf(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? name : name[..slash];
        if (first.StartsWith('.') || name.Contains("/.", StringComparison.Ordinal) || name.EndsWith('/'))
            return null;
        return slash < 0 ? EmbeddingReaders.StemOf(first) : first;
    }

    /// <summary>Whether an upload carries embeddings, rather than settings or labels beside them.</summary>
    public static bool IsEmbeddingFile(string name)
    {
        string file = name[(name.LastIndexOf('/') + 1)..];
        return DatasetOf(name) is not null
            && file != TrainingFile
            && !(name.Contains('/', StringComparison.Ordinal) && file.StartsWith("labels.", StringComparison.Ordinal));
    }

    /// <summary>The labels files in a dataset's folder; more than one is a mistake. They are no part of the listing: they change no model.</summary>
    public async Task<IReadOnlyList<ArtifactInfo>> ListLabelsAsync(string dataset, CancellationToken cancellationToken = default)
    {
        var found = new List<ArtifactInfo>();
        await foreach (ArtifactInfo info in uploads.ListAsync($"{dataset}/labels.", cancellationToken))
        {
            if (info.Name.IndexOf('/', dataset.Length + 1) < 0)
                found.Add(info);
        }
        return found;
    }

    /// <summary>Names and ETags of labels files: any change gives another text. Null where there are none.</summary>
    public static string? StateOf(IReadOnlyList<ArtifactInfo> labels) =>
        labels.Count == 0 ? null : string.Join('\n', labels.Select(info => $"{info.Name} {info.ETag}"));

    /// <summary>Lists one dataset.</summary>
    /// <exception cref="DatasetException">The name is not allowed, there is no such dataset, or two uploads claim it.</exception>
    /// <exception cref="RecipeException">Its <c>training.json</c> is too large to be one.</exception>
    public async Task<DatasetListing> ListAsync(string dataset, CancellationToken cancellationToken = default)
    {
        DatasetName.Require(dataset);
        List<ArtifactInfo> atRoot = await AtRootAsync(dataset, cancellationToken);
        var inFolder = new List<ArtifactInfo>();
        ArtifactInfo? training = null;
        await foreach (ArtifactInfo info in uploads.ListAsync($"{dataset}/", cancellationToken))
        {
            if (info.Name == $"{dataset}/{TrainingFile}")
                training = info;
            else if (IsEmbeddingFile(info.Name))
                inFolder.Add(info);
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
        IEnumerable<DatasetFile> files = atRoot.Concat(inFolder).Select(info => new DatasetFile(info.Name, info.Bytes, info.ETag));
        return new DatasetListing(dataset, [.. files], training is null ? null : await ReadTrainingAsync(training, cancellationToken));
    }

    /// <summary>Files at the root whose stem is the dataset. Not one listing of all that begins so: that would be many other datasets too.</summary>
    private async Task<List<ArtifactInfo>> AtRootAsync(string dataset, CancellationToken cancellationToken)
    {
        var found = new List<ArtifactInfo>();
        if (await uploads.FindAsync(dataset, cancellationToken) is { } withoutExtension)
            found.Add(withoutExtension);
        await foreach (ArtifactInfo info in uploads.ListAsync($"{dataset}.", cancellationToken))
        {
            if (DatasetOf(info.Name) == dataset && IsEmbeddingFile(info.Name))
                found.Add(info);
        }
        return found;
    }

    private async Task<byte[]?> ReadTrainingAsync(ArtifactInfo training, CancellationToken cancellationToken)
    {
        if (training.Bytes > MaxTrainingBytes)
            throw new RecipeException(ProblemTypes.InvalidRecipe,
                $"{training.Name} has {training.Bytes} bytes, where {MaxTrainingBytes} are allowed. Upload embeddings under another name.");
        try
        {
            // In whatever state it is now: its bytes, not its ETag, are what the listing's id is made of.
            return await uploads.ReadBytesAsync(training.Name, cancellationToken);
        }
        catch (ArtifactNotFoundException)
        {
            return null; // Deleted since it was listed.
        }
    }
}
