namespace HierEmbed.PipelineWorker;

/// <summary>One call of a store.</summary>
/// <param name="Operation">Name of the method.</param>
/// <param name="Name">The artifact, or the prefix that is listed.</param>
public sealed record StoreCall(string Operation, string Name)
{
    /// <summary>Whether it writes or deletes.</summary>
    public bool Changes => Operation is nameof(Storage.IArtifactStore.WriteAsync) or nameof(Storage.IArtifactStore.DeleteAsync);
}
