namespace HierEmbed.Serving.Encoders;

/// <summary>Reads one file of a published version, by its name in the version's folder.</summary>
/// <param name="name">Such as <c>manifest.json</c>.</param>
/// <param name="cancellationToken">Cancels the reading.</param>
/// <returns>The bytes, or null where there is no such file.</returns>
public delegate Task<byte[]?> ModelFileReader(string name, CancellationToken cancellationToken);
