namespace HierEmbed.Core.Models;

/// <summary>What is stored of the rows of one block: an entry of <c>codes/&lt;runId&gt;.json</c>, which lists a dataset's rows in the order of its files.</summary>
/// <param name="File">The upload's name.</param>
/// <param name="Block">Index of the block in its file.</param>
/// <param name="Rows">Rows in the block, rejected ones left out; as many are in each of the files below, in the same order.</param>
/// <param name="Codes">Their codes, a <c>.codes</c> file in the version's folder <c>codes/</c>. Programs before 0.2 wrote .npz in the layout of <c>scipy.sparse.save_npz</c>.</param>
/// <param name="Vectors">The rows themselves, a <c>.npy</c> in the version's folder <c>vectors/</c>; null where they are not stored.</param>
/// <param name="Labels">Ids, texts and labels, in the version's folder <c>labels/</c>; null where the upload has none, and no row of it was rejected.</param>
/// <param name="FirstRow">Number of the block's first row in the upload, from 0, rejected ones counted; null where an earlier program packed it.</param>
public sealed record CodesIndexEntry(string File, int Block, int Rows, string Codes, string? Vectors = null, string? Labels = null, long? FirstRow = null);
