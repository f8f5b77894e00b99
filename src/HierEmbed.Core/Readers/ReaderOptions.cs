namespace HierEmbed.Core.Readers;

/// <summary>How a file is read.</summary>
public sealed record ReaderOptions
{
    /// <summary>Defaults.</summary>
    public static ReaderOptions Default { get; } = new();

    /// <summary>Share of rows that may be rejected before the file is refused, 0 to 1; null: the caller judges.</summary>
    public double? MaxRejectedFraction { get; init; } = 0.01;

    /// <summary>Rejects rows of zeros, and others whose length float32 cannot hold: set where the recipe divides by a row's length.</summary>
    public bool RejectZeroRows { get; init; }

    /// <summary>Bytes of one line or one JSON token at most.</summary>
    public int MaxTokenBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of a temporary file at most, which what is compressed or comes from a network is unpacked to where its format needs going back.</summary>
    public long MaxSpoolBytes { get; init; } = 16L << 30;

    /// <summary>Folder of that file; made where it is missing. Not set: the system's folder for temporary files.</summary>
    public string? SpoolFolder { get; init; }

    /// <summary>Values in a row at most.</summary>
    public int MaxDims { get; init; } = 65_536;
}
