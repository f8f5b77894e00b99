using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Readers;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Storage;

namespace HierEmbed.Pipeline.Rows;

/// <summary>A file <c>labels.*</c> that stands beside the data and says of its rows what their own files do not. It wins over what they say.</summary>
/// <remarks>
/// Where the file has ids and any row of the dataset has one, rows are matched by id only: a row without an id then matches nothing, as the
/// line at its place is another row's. Where the file has no ids, or no row of the dataset has one, line n belongs to row n over all files
/// of the dataset, rejected rows counted, and the file's ids become the rows' ids.
/// Labels serve the evaluation only: what is wrong with the file is a <see cref="Problem"/> to show, never the end of a run.
/// Memory is 8 bytes a row, and about 40 where rows have ids; the texts lie in a temporary file.
/// </remarks>
public sealed class DatasetLabels : IDisposable
{
    private const long MaxBytes = 4L << 30;
    private const int MaxRows = 20_000_000;

    private readonly string? name;
    private readonly LabelSpool? rows;
    private readonly Dictionary<ulong, int>? rowsById;
    private readonly long? datasetRows;
    private readonly bool rowsHaveIds;
    private readonly string? openingProblem;
    private long asked;
    private long matched;

    private DatasetLabels(string? name, LabelSpool? rows, Dictionary<ulong, int>? rowsById, long? datasetRows, bool rowsHaveIds, string? problem) =>
        (this.name, this.rows, this.rowsById, this.datasetRows, this.rowsHaveIds, openingProblem) = (name, rows, rowsById, datasetRows, rowsHaveIds, problem);

    /// <summary>Whether there is a file whose rows are merged.</summary>
    public bool IsPresent => rows is not null;

    /// <summary>Why labels are not used, in a sentence; null where nothing is wrong. That no row matches is known once rows were merged.</summary>
    public string? Problem => openingProblem ?? (asked == 0 || matched > 0 ? null : NoMatch());

    /// <summary>Reads the labels file of a dataset, where it has one.</summary>
    /// <param name="uploads">The uploads container.</param>
    /// <param name="found">The labels files that were listed there.</param>
    /// <param name="datasetRows">Rows of the data, rejected ones counted.</param>
    /// <param name="rowsHaveIds">Whether any row of the data has an id.</param>
    /// <param name="scratchFolder">Folder of temporary files; null: the system's.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<DatasetLabels> OpenAsync(IArtifactStore uploads, IReadOnlyList<ArtifactInfo> found, long datasetRows, bool rowsHaveIds, string? scratchFolder, CancellationToken cancellationToken)
    {
        if (found.Count == 0)
            return None();
        if (found.Count > 1)
            return Failed($"{found[0].Name} and {found[1].Name} both hold labels. Keep one of them.");
        if (found[0].Bytes > MaxBytes)
            return Failed($"{found[0].Name} has {found[0].Bytes} bytes; labels are read up to {MaxBytes}. Leave texts out of it.");
        try
        {
            await using Stream stream = await uploads.OpenReadAsync(found[0].Name, found[0].ETag, cancellationToken);
            return await ReadAsync(found[0].Name, stream, datasetRows, rowsHaveIds, scratchFolder, cancellationToken);
        }
        catch (EmbeddingFileException e)
        {
            return Failed(e.Message);
        }
        catch (Exception e) when (e is not HierEmbedException && !Faults.AreTransient(e))
        {
            return Failed($"{found[0].Name} cannot be read. {Faults.Describe(e)}");
        }
        catch (ArtifactNotFoundException)
        {
            return None(); // Deleted since it was listed.
        }
    }

    /// <summary>Reads a labels file.</summary>
    /// <param name="name">Its name: the extension says how it is read.</param>
    /// <param name="stream">Its content; it stays the caller's.</param>
    /// <param name="datasetRows">Rows of the data, rejected ones counted: as many the file must have where it is matched by number; null where that is not known.</param>
    /// <param name="rowsHaveIds">Whether any row of the data has an id.</param>
    /// <param name="scratchFolder">Folder of temporary files; null: the system's.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="EmbeddingFileException">The file cannot be read.</exception>
    public static async Task<DatasetLabels> ReadAsync(string name, Stream stream, long? datasetRows, bool rowsHaveIds, string? scratchFolder, CancellationToken cancellationToken)
    {
        var rows = new LabelSpool(scratchFolder);
        try
        {
            Dictionary<ulong, int>? rowsById = null;
            await foreach (RowLabels row in LabelListReader.ReadAsync(name, stream, cancellationToken))
            {
                if (rows.Rows == MaxRows)
                    throw new EmbeddingFileException(ProblemTypes.TooLarge, name, $"it has more than {MaxRows} rows. Split the dataset.");
                // Of two rows with one id the first counts.
                if (row.Id is { } id)
                    (rowsById ??= []).TryAdd(IdHash.Of(id), rows.Rows);
                rows.Add(row);
            }
            if (rows.IsEmpty)
                throw new EmbeddingFileException(ProblemTypes.EmptyFile, name, "it says nothing of any row. Write one row a line: an object with id, text or label, or a bare label.");
            return new DatasetLabels(name, rows, rowsById, datasetRows, rowsHaveIds, null);
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>What is said of a row, by its own file and by this one.</summary>
    /// <param name="row">Its number over all files of the dataset, rejected rows counted; null where that is not known.</param>
    /// <param name="found">What its own file says.</param>
    public RowLabels Merge(long? row, RowLabels found)
    {
        if (rows is null)
            return found;
        asked++;
        if (Find(row, found.Id) is not { } said)
            return found;
        matched++;
        return new RowLabels(said.Id ?? found.Id, said.Text ?? found.Text, said.Label ?? found.Label);
    }

    /// <summary>Deletes temporary files.</summary>
    public void Dispose() => rows?.Dispose();

    private RowLabels? Find(long? row, string? id)
    {
        if (rowsById is not null && rowsHaveIds)
            return id is not null && rowsById.TryGetValue(IdHash.Of(id), out int at) && rows!.Read(at) is var said && said.Id == id ? said : null;
        return row is { } number && number < rows!.Rows && (datasetRows ?? rows.Rows) == rows.Rows ? rows.Read((int)number) : null;
    }

    private string NoMatch()
    {
        if (rowsById is not null && datasetRows == rows!.Rows)
            return $"{name} has no row with the id of one of the dataset's. Write the same ids, or leave them out: rows then match by their order.";
        return datasetRows is { } expected && expected != rows!.Rows
            ? $"{name} has {rows.Rows} rows, the dataset {expected}, rejected ones counted. Write one row for each in the order of the files, or give the rows of both ids."
            : $"{name} matches no row: files were left out, so that the order of rows tells nothing. Give the rows of both ids.";
    }

    private static DatasetLabels None() => new(null, null, null, null, false, null);

    /// <summary>No labels, for a reason.</summary>
    internal static DatasetLabels Failed(string problem) => new(null, null, null, null, false, problem);
}
