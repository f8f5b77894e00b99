using System.ComponentModel.DataAnnotations;

namespace HierEmbed.Core.Options;

/// <summary>Every setting of the program, bound from <c>HierEmbed__*</c> and validated once at start-up.</summary>
public sealed class HierEmbedOptions : IValidatableObject
{
    /// <summary>Configuration section.</summary>
    public const string Section = "HierEmbed";

    /// <summary>Where <c>serve</c> keeps both containers unless <c>--storage</c> says otherwise. A connection string is kept out of the process list here.</summary>
    public string? Storage { get; set; }

    /// <summary>Client id of the user-assigned managed identity that signs in where storage is an address. Not set: whatever identity the environment gives.</summary>
    public string? ManagedIdentityClientId { get; set; }

    /// <summary>Container (or folder) that users drop files into. Never written by the program.</summary>
    [Required, RegularExpression("^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$")]
    public string UploadsContainer { get; set; } = "embeddings";

    /// <summary>Container (or folder) of everything that the program makes.</summary>
    [Required, RegularExpression("^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$")]
    public string ResultsContainer { get; set; } = "hierembed";

    /// <summary>How long a dataset must be still before it is trained.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan QuietPeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the in-process host looks for uploads, and the server for a new model version.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time that one packing, training or encoding step may work before it returns and is called again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan StepBudget { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>Steps of one run that are outstanding at most.</summary>
    [Range(1, 64)]
    public int MaxParallelSteps { get; set; } = 8;

    /// <summary>Bytes of a packed row block at most.</summary>
    [Range(64 * 1024, 64 * 1024 * 1024)]
    public int BlockBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Packs rows as float16 (half the bytes) in place of float32.</summary>
    public bool PackHalf { get; set; }

    /// <summary>Bytes of training and validation rows, as float32, that a training holds in memory at most; larger datasets are read from a scratch file.</summary>
    [Range(1L << 20, long.MaxValue)]
    public long TrainingMemoryBytes { get; set; } = 1L << 30;

    /// <summary>Folder of scratch files. Not set: the system's folder for temporary files. Best a local disk, not one that is kept in memory.</summary>
    public string? ScratchPath { get; set; }

    /// <summary>Bytes of scratch files of one training at most.</summary>
    [Range(0L, long.MaxValue)]
    public long ScratchBytes { get; set; } = 100L << 30;

    /// <summary>Share of a file's rows that may be rejected before the file is refused, unless training.json says otherwise.</summary>
    [Range(0.0, 1.0)]
    public double MaxRejectedFraction { get; set; } = 0.01;

    /// <summary>Rows that a dataset needs at least.</summary>
    [Range(2, int.MaxValue)]
    public int MinRows { get; set; } = 50;

    /// <summary>Bytes of one uploaded file at most.</summary>
    [Range(1L, long.MaxValue)]
    public long MaxFileBytes { get; set; } = 1L << 40;

    /// <summary>Bytes of a stored code: as many active components as fit.</summary>
    [Range(8, 4096)]
    public int BytesPerVector { get; set; } = 32;

    /// <summary>Active components of the stored codes in place of BytesPerVector: their bytes follow. Not set: BytesPerVector decides.</summary>
    [Range(1, 4096)]
    public int? CodesK { get; set; }

    /// <summary>Stores the full vectors beside the codes, which searches rerank by. They take as many bytes as the packed rows.</summary>
    public bool StoreVectors { get; set; } = true;

    /// <summary>Versions of a model that are kept, the served one among them.</summary>
    [Range(1, 10_000)]
    public int KeepVersions { get; set; } = 5;

    /// <summary>Runs of a dataset whose records are kept.</summary>
    [Range(1, 10_000)]
    public int KeepRuns { get; set; } = 20;

    /// <summary>Bytes of all versions of one model that are kept at most; the oldest go first, the served one never.</summary>
    [Range(1L, long.MaxValue)]
    public long KeepBytes { get; set; } = 100L << 30;

    /// <summary>Threads that training and encoding use. 0: one for each core, 4 at most.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>The key that requests must carry in <c>x-functions-key</c>. Needed where the in-process host listens beyond loopback.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Bytes of a request body at most.</summary>
    [Range(1024L, 2L << 30)]
    public long MaxBodyBytes { get; set; } = 64L << 20;

    /// <summary>Embeddings in one request at most.</summary>
    [Range(1, 1_000_000)]
    public int MaxRequestRows { get; set; } = 10_000;

    /// <summary>Model versions that are loaded at once, besides those that still answer a request.</summary>
    [Range(1, 64)]
    public int LoadedVersions { get; set; } = 2;

    /// <summary>Bytes of a version's search index at most; above it the search route answers 503. Up to 16,384 rows it is in memory; above, a mapped file in the scratch folder, and in memory too while it is built. While rows are replaced, the old and the new index are held.</summary>
    [Range(0L, long.MaxValue)]
    public long MaxIndexBytes { get; set; } = 1L << 30;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // What the program makes would be uploads to it, and train without end.
        if (UploadsContainer == ResultsContainer)
            yield return new ValidationResult($"UploadsContainer and ResultsContainer are both \"{UploadsContainer}\"; expected two containers.", [nameof(UploadsContainer), nameof(ResultsContainer)]);
    }
}
