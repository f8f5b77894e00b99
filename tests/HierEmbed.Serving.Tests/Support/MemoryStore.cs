using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Tests.Support;

/// <summary>A store in memory that counts its reads and can be told to fail them.</summary>
internal sealed class MemoryStore : IArtifactStore
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, (byte[] Bytes, string ETag, DateTimeOffset At)> artifacts = new(StringComparer.Ordinal);
    private long etags;

    public ConcurrentDictionary<string, int> Reads { get; } = new();

    public ConcurrentDictionary<string, int> Looks { get; } = new();

    /// <summary>Parts that were read of artifacts.</summary>
    public ConcurrentQueue<(string Name, long Offset, int Bytes)> Ranges { get; } = new();

    public Exception? Failure { get; set; }

    /// <summary>Awaited before a read is answered.</summary>
    public Func<string, Task> BeforeRead { get; set; } = _ => Task.CompletedTask;

    public Task<bool> ExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(true);

    public Task<ArtifactInfo?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        Check(name);
        Looks.AddOrUpdate(name, 1, (_, n) => n + 1);
        lock (gate)
            return Task.FromResult(artifacts.TryGetValue(name, out var found) ? new ArtifactInfo(name, found.Bytes.Length, found.ETag, found.At) : null);
    }

    public async Task<Stream> OpenReadAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        Check(name);
        Reads.AddOrUpdate(name, 1, (_, n) => n + 1);
        await BeforeRead(name);
        lock (gate)
        {
            if (!artifacts.TryGetValue(name, out var found))
                throw new ArtifactNotFoundException(name);
            if (ifMatch is not null && ifMatch != found.ETag)
                throw new ArtifactChangedException(name, ifMatch);
            return new MemoryStream(found.Bytes, writable: false);
        }
    }

    public Task<int> ReadRangeAsync(string name, long offset, Memory<byte> part, CancellationToken cancellationToken = default)
    {
        Check(name);
        Ranges.Enqueue((name, offset, part.Length));
        lock (gate)
        {
            if (!artifacts.TryGetValue(name, out var found))
                throw new ArtifactNotFoundException(name);
            int bytes = (int)Math.Clamp(found.Bytes.Length - offset, 0, part.Length);
            found.Bytes.AsSpan((int)Math.Min(offset, found.Bytes.Length), bytes).CopyTo(part.Span);
            return Task.FromResult(bytes);
        }
    }

    public async Task<string?> WriteAsync(string name, Func<Stream, CancellationToken, Task> write, WriteCondition condition, CancellationToken cancellationToken = default)
    {
        Check(name);
        using var content = new MemoryStream();
        await write(content, cancellationToken);
        lock (gate)
        {
            bool there = artifacts.TryGetValue(name, out var found);
            if ((condition.MustBeAbsent && there) || (condition.IfMatch is { } etag && (!there || found.ETag != etag)))
                return null;
            string next = (++etags).ToString(CultureInfo.InvariantCulture);
            artifacts[name] = (content.ToArray(), next, DateTimeOffset.UtcNow);
            return next;
        }
    }

    public async IAsyncEnumerable<ArtifactInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Failure is not null)
            throw Failure;
        List<ArtifactInfo> found;
        lock (gate)
            found = [.. artifacts.Where(a => a.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(a => new ArtifactInfo(a.Key, a.Value.Bytes.Length, a.Value.ETag, a.Value.At))];
        foreach (ArtifactInfo info in found)
        {
            await Task.Yield();
            yield return info;
        }
    }

    public Task<bool> DeleteAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        Check(name);
        lock (gate)
        {
            if (ifMatch is not null && artifacts.TryGetValue(name, out var found) && found.ETag != ifMatch)
                return Task.FromResult(false);
            artifacts.Remove(name);
            return Task.FromResult(true);
        }
    }

    private void Check(string name)
    {
        if (Failure is not null)
            throw Failure;
        if (name.Split('/').Any(segment => segment is "" or "." or ".."))
            throw new ArgumentException($"\"{name}\" climbs out.", nameof(name));
    }
}
