using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

/// <summary>A stream that cancels once so many bytes were read.</summary>
internal sealed class CancellingStream(byte[] content, long after, CancellationTokenSource source) : ForwardStream(new MemoryStream(content))
{
    public long BytesRead { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        BytesRead += Inner.Read(buffer) is var read ? read : 0;
        if (BytesRead >= after)
            source.Cancel();
        return read;
    }
}
