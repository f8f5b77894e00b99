using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Recipes;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Says before any row is packed that a dataset has no room to be trained in, where the headers of its files tell.</summary>
/// <remarks>What it counts is a lower bound: files of other formats, and of more files than it looks at, are counted as they are packed, and exactly once all are.</remarks>
/// <param name="uploads">The uploads container.</param>
/// <param name="room">Where rows are held.</param>
/// <param name="options">How rows are packed, and how many may be rejected.</param>
public sealed class RoomForecast(IArtifactStore uploads, TrainingRoom room, HierEmbedOptions options)
{
    /// <summary>Files that are opened, from the largest on: a step is short however many there are.</summary>
    private const int MostFiles = 64;

    /// <summary>Times the test share that can fall to it at most: rows are shared out by their hashes, and equal rows fall together.</summary>
    private const double MostTest = 2;

    /// <summary>Formats that begin with a header that tells dimensions and, with the file's length, rows.</summary>
    private static readonly string[] Extensions = [".npy", ".fvecs", ".bvecs"];

    /// <summary>Refuses a dataset that is sure to be refused once it is packed.</summary>
    /// <exception cref="DatasetException">There is too little room.</exception>
    /// <exception cref="EmbeddingFileException">A file cannot be read at its beginning.</exception>
    public async Task RequireAsync(DatasetListing listing, TrainingRequest request, CancellationToken cancellationToken)
    {
        // Where bad files are left out, which rows count is known at the end only. No value takes less than a byte: most datasets need no look.
        if (request.OnBadFile == OnBadFile.Skip || listing.Files.Sum(f => f.Bytes) <= options.TrainingMemoryBytes / sizeof(float))
            return;
        Recipe recipe = request.Recipe;
        double leftOut = (request.MaxRejectedFraction ?? options.MaxRejectedFraction) + (recipe.SplitsByPosition ? 0 : MostTest * recipe.TestFraction);
        long rows = 0;
        int dims = 0;
        foreach (DatasetFile file in listing.Files.Where(f => Extensions.Contains(Path.GetExtension(f.Name), StringComparer.OrdinalIgnoreCase)).OrderByDescending(f => f.Bytes).Take(MostFiles))
        {
            await using Stream stream = await uploads.OpenReadAsync(file.Name, file.ETag, cancellationToken);
            using IEmbeddingReader reader = EmbeddingReaders.Open(file.Name, stream, ReaderOptions.Default, cancellationToken);
            // Mixed dims are refused for what they are once they are packed.
            if (dims != 0 && reader.Info.Dims != dims)
                return;
            dims = reader.Info.Dims;
            rows += reader.Info.DeclaredRows ?? 0;
            room.Require((long)(rows * Math.Max(0, 1 - leftOut)), dims, options.PackHalf);
        }
    }
}
