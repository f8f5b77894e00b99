namespace HierEmbed.Pipeline.Rows;

/// <summary>One packed row block of a run.</summary>
/// <param name="File">Index of the file in the run's listing.</param>
/// <param name="Block">Index of the block in its file.</param>
/// <param name="Rows">Rows in the block.</param>
/// <param name="Sha256">SHA-256 of its values, hex: its codes are named by it.</param>
/// <param name="FirstRow">Number of its first row over all files of the dataset, rejected rows counted; null where a file before it was left out, or an earlier program packed it.</param>
/// <param name="LabelsSha256">SHA-256 of the file that says which row of its upload each row is, and what is said of it; null where no row is left out in between and nothing is said.</param>
/// <param name="LabelsMerged">Whether a labels file beside the data added to it: it is another file then than that which was packed.</param>
/// <param name="FirstRowInFile">Number of its first row in its file, rejected rows counted; null where an earlier program packed it.</param>
public sealed record PackedBlock(int File, int Block, int Rows, string Sha256, long? FirstRow = null, string? LabelsSha256 = null, bool LabelsMerged = false, long? FirstRowInFile = null);
