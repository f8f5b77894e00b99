using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Errors;

namespace HierEmbed.Storage;

/// <summary>Small artifacts as bytes and as JSON.</summary>
public static class ArtifactStoreExtensions
{
    /// <summary>Reads a small artifact whole.</summary>
    /// <exception cref="ArtifactNotFoundException">It is not there.</exception>
    public static async Task<byte[]> ReadBytesAsync(this IArtifactStore store, string name, CancellationToken cancellationToken = default)
    {
        await using Stream stream = await store.OpenReadAsync(name, null, cancellationToken);
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory, cancellationToken);
        return memory.ToArray();
    }

    /// <summary>Reads a JSON artifact with the ETag of what was read.</summary>
    /// <returns>The value and its ETag, or nulls where it is not there.</returns>
    /// <exception cref="ModelException">It is there and is not what it should be.</exception>
    public static async Task<(T? Value, string? ETag)> FindJsonAsync<T>(this IArtifactStore store, string name, CancellationToken cancellationToken = default)
        where T : class
    {
        // Found and read in two calls: pinned by the ETag, and done again where a writer came between.
        while (await store.FindAsync(name, cancellationToken) is { } info)
        {
            try
            {
                await using Stream stream = await store.OpenReadAsync(name, info.ETag, cancellationToken);
                T? value = await JsonSerializer.DeserializeAsync<T>(stream, Json.Compact, cancellationToken);
                return (value ?? throw new JsonException("null"), info.ETag);
            }
            catch (JsonException e)
            {
                throw new ModelException(ProblemTypes.CorruptArtifact, $"{name} is not a {typeof(T).Name} ({e.Message}). Delete it, or restore it from a copy.", e);
            }
            catch (Exception e) when (e is ArtifactChangedException or ArtifactNotFoundException)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        return (null, null);
    }

    /// <summary>Writes a value as indented JSON.</summary>
    /// <returns>The ETag, or null where the condition did not hold.</returns>
    public static Task<string?> WriteJsonAsync<T>(this IArtifactStore store, string name, T value, WriteCondition condition, CancellationToken cancellationToken = default) =>
        store.WriteAsync(name, (stream, ct) => JsonSerializer.SerializeAsync(stream, value, Json.Indented, ct), condition, cancellationToken);

    /// <summary>Writes bytes.</summary>
    /// <returns>The ETag, or null where the condition did not hold.</returns>
    public static Task<string?> WriteBytesAsync(this IArtifactStore store, string name, ReadOnlyMemory<byte> bytes, WriteCondition condition, CancellationToken cancellationToken = default) =>
        store.WriteAsync(name, (stream, ct) => stream.WriteAsync(bytes, ct).AsTask(), condition, cancellationToken);
}
