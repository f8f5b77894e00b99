using System.Runtime.CompilerServices;

namespace HierEmbed.Core.Numerics;

/// <summary>Memory that begins where a cache line does: a vector of 64 bytes is then read from one line, not two.</summary>
internal static unsafe class AlignedBytes
{
    private const int Line = 64;

    /// <summary>Zeros.</summary>
    /// <param name="bytes">How many.</param>
    public static Memory<byte> Allocate(int bytes)
    {
        byte[] pinned = GC.AllocateArray<byte>(bytes + Line, pinned: true);
        long address = (long)Unsafe.AsPointer(ref pinned[0]);
        return pinned.AsMemory((int)((Line - (address % Line)) % Line), bytes);
    }
}
