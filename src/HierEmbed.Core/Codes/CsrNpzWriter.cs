using System.IO.Compression;
using System.Runtime.InteropServices;
using HierEmbed.Core.Numpy;

namespace HierEmbed.Core.Codes;

/// <summary>Writes codes as a sparse matrix <c>[rows, latentDims]</c> in the layout of <c>scipy.sparse.save_npz</c> (CSR).</summary>
/// <remarks>Rows come one by one; components wait in temporary files, so that memory holds 8 bytes a row and the target is written once, at the end.</remarks>
public sealed class CsrNpzWriter : IDisposable
{
    private readonly int latentDims;
    private readonly long maxNarrow;
    private readonly FileStream indices = TemporaryFile.Create();
    private readonly FileStream values = TemporaryFile.Create();
    private readonly List<long> rowStarts = [0];

    /// <summary>Begins a matrix without rows.</summary>
    /// <param name="latentDims">Columns.</param>
    public CsrNpzWriter(int latentDims) : this(latentDims, int.MaxValue)
    {
    }

    /// <param name="latentDims">Columns.</param>
    /// <param name="maxNarrow">Components up to which indices are int32; scipy wants indices and indptr of one type.</param>
    internal CsrNpzWriter(int latentDims, long maxNarrow)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(latentDims, 1);
        this.latentDims = latentDims;
        this.maxNarrow = maxNarrow;
    }

    /// <summary>Rows added so far.</summary>
    public long Rows => rowStarts.Count - 1;

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">The code is of other latentDims.</exception>
    public void Add(SparseCode code)
    {
        if (code.Dims != latentDims)
            throw new ArgumentException($"The code is of {code.Dims} latents; the matrix has {latentDims} columns.", nameof(code));
        indices.Write(MemoryMarshal.AsBytes<int>(code.Indices));
        values.Write(MemoryMarshal.AsBytes<float>(code.Values));
        rowStarts.Add(rowStarts[^1] + code.Indices.Length);
    }

    /// <summary>Writes the matrix.</summary>
    /// <param name="target">Where it is written; stays open.</param>
    /// <param name="level">NoCompression stores the indices too as they are; scipy reads both. Values are always stored: their bits are as good as random.</param>
    public void WriteTo(Stream target, CompressionLevel level = CompressionLevel.Fastest)
    {
        long components = rowStarts[^1];
        bool narrow = components <= maxNarrow;
        using var npz = new NpzWriter(target, level);
        using (Stream member = npz.Open("indices"))
        {
            if (narrow)
                NpyWriter.WriteHeader<int>(member, components);
            else
                NpyWriter.WriteHeader<long>(member, components);
            CopyIndices(member, narrow);
        }
        long[] starts = [.. rowStarts];
        if (narrow)
            npz.Add<int>("indptr", Array.ConvertAll(starts, start => (int)start), starts.Length);
        else
            npz.Add<long>("indptr", starts, starts.Length);
        using (Stream member = npz.Open("format"))
        {
            NpyWriter.WriteHeader(member, "|S3", []);
            member.Write("csr"u8);
        }
        npz.Add<long>("shape", [Rows, latentDims], 2);
        using (Stream member = npz.Open("data", CompressionLevel.NoCompression))
        {
            NpyWriter.WriteHeader<float>(member, components);
            values.Position = 0;
            values.CopyTo(member);
        }
        indices.Seek(0, SeekOrigin.End);
        values.Seek(0, SeekOrigin.End);
    }

    /// <summary>Deletes the temporary files.</summary>
    public void Dispose()
    {
        indices.Dispose();
        values.Dispose();
    }

    private void CopyIndices(Stream member, bool narrow)
    {
        indices.Position = 0;
        if (narrow)
        {
            indices.CopyTo(member);
            return;
        }
        var part = new int[16 * 1024];
        var wide = new long[part.Length];
        int read;
        while ((read = indices.ReadAtLeast(MemoryMarshal.AsBytes(part.AsSpan()), part.Length * sizeof(int), throwOnEndOfStream: false)) > 0)
        {
            int count = read / sizeof(int);
            for (int i = 0; i < count; i++)
                wide[i] = part[i];
            NpyWriter.WriteValues<long>(member, wide.AsSpan(0, count));
        }
    }
}
