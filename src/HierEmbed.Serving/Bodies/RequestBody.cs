using System.Buffers;
using System.Globalization;
using HierEmbed.Core.Errors;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Bodies;

/// <summary>A request's body in pooled memory, never more than the limit.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBytes = 64 * 1024;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int length;

    private RequestBody()
    {
    }

    /// <summary>The body.</summary>
    public ReadOnlySpan<byte> Span => buffer.AsSpan(0, length);

    /// <summary>The body as a stream over the same memory.</summary>
    public Stream OpenRead() => new MemoryStream(buffer, 0, length, writable: false);

    /// <summary>Reads a body whole. Memory grows with what arrives, not with what Content-Length promises.</summary>
    /// <exception cref="RequestException">It is larger than the limit; nothing past the limit is read.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, long maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength is { } declared && declared > maxBytes)
            throw TooLarge(declared.ToString(CultureInfo.InvariantCulture), maxBytes);
        var body = new RequestBody();
        try
        {
            while (true)
            {
                if (body.length == body.buffer.Length)
                    body.Grow();
                int read = await request.Body.ReadAsync(body.buffer.AsMemory(body.length), cancellationToken);
                if (read == 0)
                    return body;
                body.length += read;
                if (body.length > maxBytes)
                    throw TooLarge($"more than {maxBytes}", maxBytes);
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, 2L * buffer.Length));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    private static RequestException TooLarge(string found, long maxBytes) => new(ProblemTypes.TooLarge,
        $"The body has {found} bytes; at most {maxBytes} are read. Send the embeddings in several requests, or raise maxBodyBytes.");
}
