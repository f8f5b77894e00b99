namespace HierEmbed.Storage.Datasets;

/// <summary>One embedding file of a dataset.</summary>
/// <param name="Name">Its name in the uploads container.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="ETag">The state that it was listed in; it is read with this ETag only.</param>
public sealed record DatasetFile(string Name, long Bytes, string ETag);
