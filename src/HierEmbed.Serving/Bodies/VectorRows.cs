using System.Buffers;
using System.Globalization;
using System.Numerics.Tensors;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Scaling;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Serving.Bodies;

/// <summary>The embeddings of a request in pooled memory, <c>[count, dims]</c>: every row was judged when it was taken in.</summary>
internal sealed class VectorRows : IDisposable
{
    private readonly EncoderModel model;
    private float[] values;

    /// <summary>Makes an empty list.</summary>
    /// <param name="model">The model that the rows are for.</param>
    /// <param name="maxRows">Rows that one request may carry.</param>
    public VectorRows(EncoderModel model, int maxRows)
    {
        this.model = model;
        MaxRows = maxRows;
        values = ArrayPool<float>.Shared.Rent(model.InputDims);
    }

    /// <summary>Length of a row.</summary>
    public int Dims => model.InputDims;

    /// <summary>Rows that one request may carry.</summary>
    public int MaxRows { get; }

    /// <summary>Rows taken in.</summary>
    public int Count { get; private set; }

    /// <summary>The rows, <c>[count, dims]</c>.</summary>
    public ReadOnlySpan<float> Values => values.AsSpan(0, Count * Dims);

    /// <summary>Some rows, <c>[rows, dims]</c>.</summary>
    public ReadOnlySpan<float> Slice(int first, int rows) => values.AsSpan(first * Dims, rows * Dims);

    /// <summary>Some rows, <c>[rows, dims]</c>, for what goes on elsewhere.</summary>
    public ReadOnlyMemory<float> Memory(int first, int rows) => values.AsMemory(first * Dims, rows * Dims);

    /// <summary>One row, <c>[dims]</c>.</summary>
    public ReadOnlySpan<float> Row(int row) => Slice(row, 1);

    /// <summary>Where the next row's values go, <c>[dims]</c>.</summary>
    public Span<float> Next()
    {
        if (((long)Count + 1) * Dims > values.Length)
        {
            float[] larger = ArrayPool<float>.Shared.Rent((int)Math.Min(Array.MaxLength, 2L * values.Length));
            Values.CopyTo(larger);
            ArrayPool<float>.Shared.Return(values);
            values = larger;
        }
        return values.AsSpan(Count * Dims, Dims);
    }

    /// <summary>Makes the values written to <see cref="Next"/> a row.</summary>
    /// <exception cref="RequestException">The row cannot be encoded.</exception>
    public void Commit(RowName name)
    {
        ReadOnlySpan<float> row = values.AsSpan(Count * Dims, Dims);
        float norm = TensorPrimitives.Norm(row);
        if (!(norm <= RowNormalization.MaxNorm))
            throw TooLong(row, name);
        if (norm < RowNormalization.MinNorm && model.NormalizesRows)
            throw new RequestException(ProblemTypes.ZeroRow, $"{name} is all zeros (or too close to it): it has no direction, so it has no code. Leave it out.");
        Count++;
    }

    /// <summary>A row of another length.</summary>
    public RequestException WrongLength(RowName name, long found) => new(ProblemTypes.WrongDimensions,
        $"{name} has {found} values; expected {Dims}, the inputDims of model \"{model.Manifest.Dataset}\". Use the embedding model that made its training data.");

    /// <summary>More rows than one request may carry.</summary>
    public RequestException TooMany(long found) => new(ProblemTypes.TooLarge,
        $"The request has {found} embeddings; at most {MaxRows} are taken. Send them in several requests, or raise maxRequestRows.");

    /// <summary>A value that is no finite number.</summary>
    public static RequestException NotFinite(RowName name, string found) => new(ProblemTypes.NotFinite,
        $"{name} holds {found}; expected finite float32 numbers. Leave the row out or embed its text again.");

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(values);
        values = [];
        Count = 0;
    }

    private static RequestException TooLong(ReadOnlySpan<float> row, RowName name)
    {
        double squares = 0;
        for (int i = 0; i < row.Length; i++)
        {
            if (!float.IsFinite(row[i]))
                return NotFinite(name, string.Create(CultureInfo.InvariantCulture, $"{(float.IsNaN(row[i]) ? "NaN" : row[i] > 0 ? "infinity (or a number above 3.4e38)" : "-infinity (or a number below -3.4e38)")} at dimension {i}"));
            squares += (double)row[i] * row[i];
        }
        return new RequestException(ProblemTypes.InvalidRequest,
            string.Create(CultureInfo.InvariantCulture, $"{name} has the length {Math.Sqrt(squares):G3}; expected at most {RowNormalization.MaxNorm:G3}, past which float32 overflows. Scale the embedding down."));
    }
}
