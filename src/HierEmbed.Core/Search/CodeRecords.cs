using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Search;

/// <summary>The codes of a block's rows, each in one stretch of memory, so that scoring a row anywhere waits for memory once. Immutable once filled.</summary>
/// <remarks>
/// A record: scale (float32), |x̂| or |z| (float32; infinity where it is 0), active components (uint16), latents (k × uint16, ascending),
/// symbols (k × byte: places in the block's levels). Little-endian.
/// </remarks>
internal sealed class CodeRecords
{
    /// <summary>Most active components of a code: they are counted in two bytes.</summary>
    public const int MaxK = ushort.MaxValue;

    private const int FixedBytes = (2 * sizeof(float)) + sizeof(ushort), PrefetchRows = 16;

    private readonly ReadOnlyMemory<byte> bytes;
    private readonly int k, stride;
    private readonly float[] levels, levelOfByte;

    /// <param name="bytes"><c>[rows]</c> records.</param>
    /// <param name="k">Most active components.</param>
    /// <param name="levels">What symbols stand for, in units of a row's scale.</param>
    public CodeRecords(ReadOnlyMemory<byte> bytes, int k, float[] levels)
    {
        this.bytes = bytes;
        this.k = k;
        this.levels = levels;
        stride = BytesOf(k);
        Rows = bytes.Length / stride;
        levelOfByte = new float[byte.MaxValue + 1];
        levels.CopyTo(levelOfByte, 0);
    }

    /// <summary>Bytes of a record.</summary>
    public static int BytesOf(int k) => FixedBytes + ((sizeof(ushort) + 1) * k);

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Most active components.</summary>
    public int K => k;

    /// <summary>What symbols stand for.</summary>
    public float[] Levels => levels;

    /// <summary>The records.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>Writes a record.</summary>
    public static void Put(Span<byte> record, int k, ReadOnlySpan<int> latents, ReadOnlySpan<byte> symbols, float scale, float norm)
    {
        MemoryMarshal.Write(record, scale);
        MemoryMarshal.Write(record[sizeof(float)..], norm);
        MemoryMarshal.Write(record[(2 * sizeof(float))..], (ushort)latents.Length);
        for (int i = 0; i < latents.Length; i++)
        {
            MemoryMarshal.Write(record[(FixedBytes + (sizeof(ushort) * i))..], (ushort)latents[i]);
            record[FixedBytes + (sizeof(ushort) * k) + i] = symbols[i];
        }
    }

    /// <summary>A row's latents.</summary>
    public ReadOnlySpan<ushort> Latents(int row)
    {
        ReadOnlySpan<byte> record = Record(row);
        return MemoryMarshal.Cast<byte, ushort>(record.Slice(FixedBytes, sizeof(ushort) * Active(record)));
    }

    /// <summary>What a component adds to its row's score for a product of 1.</summary>
    public float Impact(int row, int component)
    {
        ReadOnlySpan<byte> record = Record(row);
        return Level(record, component) * Scale(record) / Norm(record);
    }

    /// <summary>A row's code.</summary>
    public SparseCode Code(int row, int latentDims)
    {
        ReadOnlySpan<byte> record = Record(row);
        var indices = new int[Active(record)];
        var values = new float[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = MemoryMarshal.Read<ushort>(record[(FixedBytes + (sizeof(ushort) * i))..]);
            values[i] = Level(record, i) * Scale(record);
        }
        return new SparseCode(latentDims, indices, values, TensorPrimitives.Norm<float>(values));
    }

    /// <summary>The scores of rows with all their components, as <see cref="AsymmetricScorer"/> sums them.</summary>
    /// <param name="rows">Which rows.</param>
    /// <param name="first">What is taken off their numbers.</param>
    /// <param name="query">The query.</param>
    /// <param name="scores">Receives <c>[rows]</c>.</param>
    public void Score(ReadOnlySpan<int> rows, int first, ProjectedQuery query, Span<float> scores)
    {
        ReadOnlySpan<byte> all = bytes.Span;
        ReadOnlySpan<float> products = query.Products, level = levelOfByte;
        for (int i = 0; i < rows.Length; i++)
        {
            if (i + PrefetchRows < rows.Length)
                CacheLines.Prefetch(all.Slice((rows[i + PrefetchRows] - first) * stride, stride));
            scores[i] = Score(all.Slice((rows[i] - first) * stride, stride), k, level, products, query.MeanProduct);
        }
    }

    /// <summary>The scores of all rows.</summary>
    /// <param name="query">The query.</param>
    /// <param name="scores">Receives <c>[rows]</c>.</param>
    public void ScoreAll(ProjectedQuery query, Span<float> scores)
    {
        ReadOnlySpan<byte> all = bytes.Span;
        ReadOnlySpan<float> products = query.Products, level = levelOfByte;
        for (int row = 0; row < scores.Length; row++)
            scores[row] = Score(all.Slice(row * stride, stride), k, level, products, query.MeanProduct);
    }

    /// <summary>What is wrong with records that were read from a file; null: nothing.</summary>
    /// <param name="latentDims">Latents.</param>
    public string? Fault(int latentDims)
    {
        for (int row = 0; row < Rows; row++)
        {
            ReadOnlySpan<byte> record = Record(row);
            int active = Active(record);
            if (active > k || !float.IsFinite(Scale(record)) || !(Norm(record) > 0))
                return $"row {row} has {active} components of at most {k}, a scale of {Scale(record)} and a length of {Norm(record)}";
            if (record.Slice(FixedBytes + (sizeof(ushort) * k), active).IndexOfAnyExceptInRange((byte)0, (byte)(levels.Length - 1)) >= 0 && active > 0)
                return $"row {row} has a symbol past its {levels.Length} levels";
            foreach (ushort latent in Latents(row))
            {
                if (latent >= latentDims)
                    return $"row {row} has latent {latent} of {latentDims}";
            }
        }
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Score(ReadOnlySpan<byte> record, int k, ReadOnlySpan<float> levelOfByte, ReadOnlySpan<float> products, float meanProduct)
    {
        ref byte first = ref MemoryMarshal.GetReference(record), latents = ref Unsafe.Add(ref first, FixedBytes), symbols = ref Unsafe.Add(ref latents, sizeof(ushort) * k);
        ref float level = ref MemoryMarshal.GetReference(levelOfByte);
        // A record is as long as this reads, whatever number it begins with; a byte has a level, whatever it is.
        nint active = Math.Min(Active(record), k);
        float sum = 0;
        for (nint i = 0; i < active; i++)
            sum += products[Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref latents, sizeof(ushort) * i))] * Unsafe.Add(ref level, (nint)Unsafe.Add(ref symbols, i));
        return ((sum * Scale(record)) + meanProduct) / Norm(record);
    }

    private ReadOnlySpan<byte> Record(int row) => bytes.Span.Slice(row * stride, stride);

    private float Level(ReadOnlySpan<byte> record, int component) => levels[record[FixedBytes + (sizeof(ushort) * k) + component]];

    private static float Scale(ReadOnlySpan<byte> record) => MemoryMarshal.Read<float>(record);

    private static float Norm(ReadOnlySpan<byte> record) => MemoryMarshal.Read<float>(record[sizeof(float)..]);

    private static int Active(ReadOnlySpan<byte> record) => MemoryMarshal.Read<ushort>(record[(2 * sizeof(float))..]);
}
