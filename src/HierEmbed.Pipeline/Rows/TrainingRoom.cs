using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Where rows are held while they are trained on: in memory, or in the scratch folder where they outgrow it.</summary>
/// <param name="options">The caps.</param>
public sealed class TrainingRoom(HierEmbedOptions options)
{
    /// <summary>Room that a disk keeps whatever is asked for.</summary>
    private const long DiskReserve = 64L << 20;

    /// <summary>The scratch folder.</summary>
    public string Folder { get; } = string.IsNullOrEmpty(options.ScratchPath) ? Path.GetTempPath() : Path.GetFullPath(options.ScratchPath);

    /// <summary>Whether rows are held in memory.</summary>
    public bool FitsMemory(long rows, int dims) => rows * dims <= Array.MaxLength && rows * dims * sizeof(float) <= options.TrainingMemoryBytes;

    /// <summary>Refuses rows that neither memory nor the scratch folder has room for.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="dims">Length of a row.</param>
    /// <param name="half">Whether they are packed as float16.</param>
    /// <exception cref="DatasetException">There is no room; the message says how much is missing and which setting helps.</exception>
    public void Require(long rows, int dims, bool half)
    {
        if (FitsMemory(rows, dims))
            return;
        long needed = rows * dims * ScratchRows.ElementBytes(half);
        string what = FormattableString.Invariant($"{rows} rows of {dims} dimensions are more than the {options.TrainingMemoryBytes:N0} bytes of trainingMemoryBytes and need {needed:N0} bytes of scratch space");
        if (needed > options.ScratchBytes)
            throw new DatasetException(ProblemTypes.TooLittleSpace, FormattableString.Invariant($"{what}; scratchBytes allows {options.ScratchBytes:N0}. Raise one of the two, or pack as float16 with packHalf."));
        Directory.CreateDirectory(Folder);
        long free = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(Folder)! : Folder).AvailableFreeSpace - DiskReserve;
        if (needed > free)
            throw new DatasetException(ProblemTypes.TooLittleSpace, FormattableString.Invariant($"{what}; {Folder} has {Math.Max(0, free):N0} to give. Set scratchPath to a larger disk, raise trainingMemoryBytes, or pack as float16 with packHalf."));
    }
}
