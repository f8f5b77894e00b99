namespace HierEmbed.Storage;

/// <summary>One artifact of a store.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="ETag">Changes whenever its content does.</param>
/// <param name="LastModified">When it was written, UTC.</param>
public sealed record ArtifactInfo(string Name, long Bytes, string ETag, DateTimeOffset LastModified);
