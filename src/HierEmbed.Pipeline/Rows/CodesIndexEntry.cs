namespace HierEmbed.Pipeline.Rows;

/// <summary>Which rows the codes of one block belong to: an entry of <c>codes/&lt;runId&gt;.json</c>.</summary>
/// <param name="File">The upload's name.</param>
/// <param name="Block">Index of the block in its file.</param>
/// <param name="Rows">Rows in the block, rejected ones left out.</param>
/// <param name="Codes">Name of the codes beside this index, .npz in the layout of <c>scipy.sparse.save_npz</c>.</param>
public sealed record CodesIndexEntry(string File, int Block, int Rows, string Codes);
