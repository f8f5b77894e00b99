using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace HierEmbed.Core.Numerics;

/// <summary>Tells the processor what memory is read soon, where it can be told (x86): reads all over a large array then wait for memory together.</summary>
internal static unsafe class CacheLines
{
    private const int Bytes = 64;

    /// <summary>Has a stretch of memory fetched.</summary>
    public static void Prefetch<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        if (!Sse.IsSupported || values.IsEmpty)
            return;
        // Only a hint: where the values move meanwhile, something else is fetched, and nothing fails.
        byte* first = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(values));
        byte* last = first + ((long)values.Length * sizeof(T)) - 1;
        for (byte* at = first; at < last; at += Bytes)
            Sse.Prefetch0(at);
        Sse.Prefetch0(last);
    }

    /// <summary>Has the cache line of a value fetched.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch<T>(ref T value) where T : unmanaged
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref value));
    }

    /// <summary>Has the ends of a stretch fetched, and with them the addresses of its pages looked up.</summary>
    public static void PrefetchEnds<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        if (!Sse.IsSupported || values.IsEmpty)
            return;
        Sse.Prefetch2(Unsafe.AsPointer(ref MemoryMarshal.GetReference(values)));
        Sse.Prefetch2(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetReference(values), values.Length - 1)));
    }
}
