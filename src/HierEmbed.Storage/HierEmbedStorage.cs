namespace HierEmbed.Storage;

/// <summary>The two containers that everything lives in.</summary>
/// <param name="Uploads">What users drop: read only.</param>
/// <param name="Results">What the program makes.</param>
public sealed record HierEmbedStorage(IArtifactStore Uploads, IArtifactStore Results);
