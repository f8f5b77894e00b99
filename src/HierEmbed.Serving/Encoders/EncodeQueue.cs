using System.Buffers;
using HierEmbed.Core.Codes;

namespace HierEmbed.Serving.Encoders;

/// <summary>Encodes the rows of all requests for one model: a few rows together with those that arrive meanwhile, many rows in parts beside one another.</summary>
/// <remarks>
/// A product reads all weights, 16 MB for 1024 → 4096, whether it has one row or 64. It is queued to the thread pool behind requests that have arrived
/// already, and takes up what waits when its turn comes; what comes while it is at work goes with the next. No clock is waited for, so a request alone
/// starts at once. Each product works on one thread, and another one begins beside it only where rows wait that fill it: the session needs no threads of
/// its own, which would wait for one another where the cores have requests to read. The last bits of a row's pre-activations may depend on how many rows
/// share its product: that is ONNX Runtime's choice of an order of sums. With AVX-512 none did, of 4096 latents and from 1 to 64 rows.
/// </remarks>
/// <param name="model">Encodes, on one thread. Whoever waits here holds a lease on it.</param>
/// <param name="products">Products that are at work at once, at most.</param>
internal sealed class EncodeQueue(EncoderModel model, int products) : IThreadPoolWorkItem
{
    /// <summary>Rows of a product.</summary>
    public const int MaxRows = 64;

    /// <summary>Rows of a call that every product has a part of.</summary>
    public int RowsAtOnce => MaxRows * products;

    private readonly Lock gate = new();
    private readonly Queue<QueuedRows> waiting = [];
    private int waitingRows;
    private int atWork;

    /// <summary>Encodes rows.</summary>
    /// <param name="rows">Embeddings, finite, <c>[count, inputDims]</c>. They must stay until the task has ended.</param>
    /// <param name="count">Rows.</param>
    /// <param name="take">Called once a row, on other threads and for several rows at once. What it throws ends this call alone.</param>
    /// <param name="cancellationToken">Ends a call of which rows still wait.</param>
    /// <remarks>A call has no more parts in the queue than keep its products busy: another's row waits for those, and not for all of a long call.</remarks>
    public async Task EncodeAsync(ReadOnlyMemory<float> rows, int count, PreActivationRow take, CancellationToken cancellationToken)
    {
        var queued = new List<Task>();
        for (int first = 0; first < count; first += MaxRows)
        {
            if (queued.Count == 2 * products)
            {
                Task ended = await Task.WhenAny(queued);
                // It stays among those that are waited for, and is thrown when none of them reads the rows any more.
                if (!ended.IsCompletedSuccessfully)
                    break;
                queued.Remove(ended);
            }
            int length = Math.Min(MaxRows, count - first);
            queued.Add(Add(new QueuedRows(rows.Slice(first * model.InputDims, length * model.InputDims), first, length, take, cancellationToken)));
        }
        await Task.WhenAll(queued);
    }

    /// <summary>Codes of rows: the k largest components of each, not scaled.</summary>
    /// <param name="rows">As above.</param>
    /// <param name="count">Rows.</param>
    /// <param name="k">Active components to keep, 1 to latentDims.</param>
    /// <param name="prefix">Only the first so many latents are looked at, 1 to latentDims; null: all.</param>
    /// <param name="cancellationToken">As above.</param>
    public async Task<SparseCode[]> EncodeToCodesAsync(ReadOnlyMemory<float> rows, int count, int k, int? prefix, CancellationToken cancellationToken)
    {
        var codes = new SparseCode[count];
        await EncodeAsync(rows, count, (row, preActivations) => codes[row] = CodeTruncation.KeepLargest(preActivations, k, model.Activation, prefix), cancellationToken);
        return codes;
    }

    /// <summary>Runs one product, and has the next one queued where rows wait.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        (List<QueuedRows> parts, int rows) = Take();
        try
        {
            if (parts is [var alone])
                model.Encode(alone.Rows.Span, rows, alone.Take);
            else if (parts.Count > 1)
                EncodeTogether(parts, rows);
            parts.ForEach(part => part.End());
        }
        catch (Exception e)
        {
            // Whoever waits for the product is told.
            parts.ForEach(part => part.Fail(e));
        }
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                atWork--;
                return;
            }
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private Task Add(QueuedRows part)
    {
        lock (gate)
        {
            waiting.Enqueue(part);
            waitingRows += part.Count;
            if (atWork == products || (atWork > 0 && waitingRows < MaxRows))
                return part.Ended;
            atWork++;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return part.Ended;
    }

    private (List<QueuedRows> Parts, int Rows) Take()
    {
        var parts = new List<QueuedRows>();
        int rows = 0;
        lock (gate)
        {
            while (waiting.TryPeek(out QueuedRows? part) && rows + part.Count <= MaxRows)
            {
                waiting.Dequeue();
                waitingRows -= part.Count;
                if (part.TryCancel())
                    continue;
                parts.Add(part);
                rows += part.Count;
            }
        }
        return (parts, rows);
    }

    private void EncodeTogether(List<QueuedRows> parts, int rows)
    {
        int dims = model.InputDims;
        float[] joined = ArrayPool<float>.Shared.Rent(rows * dims);
        try
        {
            int to = 0;
            foreach (QueuedRows part in parts)
            {
                part.Rows.Span.CopyTo(joined.AsSpan(to));
                to += part.Rows.Length;
            }
            int at = 0, first = 0;
            model.Encode(joined.AsSpan(0, to), rows, (row, preActivations) =>
            {
                if (row == first + parts[at].Count)
                    first += parts[at++].Count;
                parts[at].Take(row - first, preActivations);
            });
        }
        finally
        {
            ArrayPool<float>.Shared.Return(joined);
        }
    }
}
