using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HierEmbed.Core.Search;

/// <summary>The sketches of a block's rows, so laid out that many rows are looked up at once (André, Kermarrec and Le Scouarnec 2015). Immutable once filled.</summary>
/// <remarks>Rows stand in groups of 64. A group has 64 bytes for each byte of a sketch; in them row i of the group is at 2i, row 32 + i at 2i + 1.</remarks>
internal static unsafe class RowSketches
{
    /// <summary>Rows that are scored together.</summary>
    public const int GroupRows = 64;

    private const int GroupBytes = GroupRows * SketchAxes.SketchBytes;

    /// <summary>Bytes of the sketches of rows.</summary>
    public static int BytesOf(int rows) => (rows + GroupRows - 1) / GroupRows * GroupBytes;

    /// <summary>Puts a row's sketch in its place.</summary>
    public static void Put(Span<byte> sketches, int row, ReadOnlySpan<byte> sketch)
    {
        int within = row % GroupRows, place = within < GroupRows / 2 ? 2 * within : (2 * within) - GroupRows + 1;
        Span<byte> group = sketches.Slice(row / GroupRows * GroupBytes, GroupBytes);
        for (int i = 0; i < sketch.Length; i++)
            group[(i * GroupRows) + place] = sketch[i];
    }

    /// <summary>Scores all rows.</summary>
    /// <param name="sketches">The sketches.</param>
    /// <param name="lookups"><see cref="SketchedQuery.Lookups"/>.</param>
    /// <param name="scores">Receives the sums of lookups, a whole number of groups.</param>
    /// <param name="plain">Whether to do without the widest vectors.</param>
    public static void Score(ReadOnlySpan<byte> sketches, ReadOnlySpan<byte> lookups, Span<ushort> scores, bool plain = false)
    {
        int groups = scores.Length / GroupRows;
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, groups * GroupRows, nameof(scores));
        ArgumentOutOfRangeException.ThrowIfNotEqual(sketches.Length, groups * GroupBytes, nameof(sketches));
        ArgumentOutOfRangeException.ThrowIfNotEqual(lookups.Length, SketchAxes.SketchDims / 2 * 16, nameof(lookups));
        if (Avx512BW.IsSupported && !plain)
            ScoreWide(ref MemoryMarshal.GetReference(sketches), ref MemoryMarshal.GetReference(lookups), ref MemoryMarshal.GetReference(scores), groups);
        else
            Score(ref MemoryMarshal.GetReference(sketches), ref MemoryMarshal.GetReference(lookups), ref MemoryMarshal.GetReference(scores), groups);
    }

    private static void ScoreWide(ref byte sketches, ref byte lookups, ref ushort scores, int groups)
    {
        // Each table four times over, once for all groups.
        Span<byte> room = stackalloc byte[(SketchAxes.SketchDims / 2 * 64) + 63];
        ref byte tables = ref Unsafe.Add(ref MemoryMarshal.GetReference(room), (int)((64 - (long)(nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(room)) % 64) % 64));
        for (int i = 0; i < SketchAxes.SketchDims / 2 * 64; i++)
            Unsafe.Add(ref tables, i) = Unsafe.Add(ref lookups, (i / 64 * 16) + (i % 16));
        Vector512<byte> low = Vector512.Create((byte)15);
        for (int group = 0; group < groups; group += 2)
        {
            // The last group of an odd number stands for its own partner.
            nuint one = (nuint)(group * GroupBytes), two = group + 1 < groups ? one + GroupBytes : one;
            Vector512<ushort> all1 = default, high1 = default, all2 = default, high2 = default;
            for (int i = 0; i < SketchAxes.SketchBytes; i++)
            {
                Vector512<byte> first = Vector512.LoadUnsafe(ref tables, (nuint)(128 * i)), second = Vector512.LoadUnsafe(ref tables, (nuint)((128 * i) + 64));
                // Two lookups are at most 254, a byte. Odd bytes spill over into the sums of even ones, and are taken off in the end.
                Vector512<byte> symbols = Vector512.LoadUnsafe(ref sketches, one + (nuint)(i * GroupRows));
                Vector512<ushort> sum = (Avx512BW.Shuffle(first, symbols & low) + Avx512BW.Shuffle(second, (symbols.AsUInt16() >>> 4).AsByte() & low)).AsUInt16();
                all1 += sum;
                high1 += sum >>> 8;
                symbols = Vector512.LoadUnsafe(ref sketches, two + (nuint)(i * GroupRows));
                sum = (Avx512BW.Shuffle(first, symbols & low) + Avx512BW.Shuffle(second, (symbols.AsUInt16() >>> 4).AsByte() & low)).AsUInt16();
                all2 += sum;
                high2 += sum >>> 8;
            }
            nuint at = (nuint)(group * GroupRows), next = two == one ? at : at + GroupRows;
            (all2 - (high2 << 8)).StoreUnsafe(ref scores, next);
            high2.StoreUnsafe(ref scores, next + (GroupRows / 2));
            (all1 - (high1 << 8)).StoreUnsafe(ref scores, at);
            high1.StoreUnsafe(ref scores, at + (GroupRows / 2));
        }
    }

    private static void Score(ref byte sketches, ref byte lookups, ref ushort scores, int groups)
    {
        Vector128<byte> low = Vector128.Create((byte)15);
        Vector128<ushort> even = Vector128.Create((ushort)255);
        for (int group = 0; group < groups; group++)
        {
            for (int quarter = 0; quarter < 4; quarter++)
            {
                Vector128<ushort> first = default, second = default;
                for (int i = 0; i < SketchAxes.SketchBytes; i++)
                {
                    Vector128<byte> symbols = Vector128.LoadUnsafe(ref sketches, (nuint)((group * GroupBytes) + (i * GroupRows) + (quarter * 16)));
                    Vector128<ushort> sum = (Vector128.ShuffleNative(Vector128.LoadUnsafe(ref lookups, (nuint)(32 * i)), symbols & low)
                        + Vector128.ShuffleNative(Vector128.LoadUnsafe(ref lookups, (nuint)((32 * i) + 16)), (symbols.AsUInt16() >>> 4).AsByte() & low)).AsUInt16();
                    first += sum & even;
                    second += sum >>> 8;
                }
                first.StoreUnsafe(ref scores, (nuint)((group * GroupRows) + (quarter * 8)));
                second.StoreUnsafe(ref scores, (nuint)((group * GroupRows) + (GroupRows / 2) + (quarter * 8)));
            }
        }
    }
}
