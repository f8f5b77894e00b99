namespace HierEmbed.Pipeline.Rows;

/// <summary>One packed row block of a run.</summary>
/// <param name="File">Index of the file in the run's listing.</param>
/// <param name="Block">Index of the block in its file.</param>
/// <param name="Rows">Rows in the block.</param>
/// <param name="Sha256">SHA-256 of its values, hex: its codes are named by it.</param>
public sealed record PackedBlock(int File, int Block, int Rows, string Sha256);
