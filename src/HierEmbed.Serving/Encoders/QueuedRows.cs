namespace HierEmbed.Serving.Encoders;

/// <summary>Rows of one request that go into one product.</summary>
/// <param name="rows">Embeddings, <c>[count, inputDims]</c>.</param>
/// <param name="first">Which row of the request is the first of them.</param>
/// <param name="count">Rows.</param>
/// <param name="take">Takes their pre-activations, by the row of the request.</param>
/// <param name="cancellationToken">Cancels them while they wait.</param>
internal sealed class QueuedRows(ReadOnlyMemory<float> rows, int first, int count, PreActivationRow take, CancellationToken cancellationToken)
{
    // Whoever waits goes on elsewhere: the next product does not wait for answers to be written.
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? fault;

    /// <summary>The embeddings.</summary>
    public ReadOnlyMemory<float> Rows => rows;

    /// <summary>How many.</summary>
    public int Count => count;

    /// <summary>Ends when nothing reads the rows any more.</summary>
    public Task Ended => ended.Task;

    /// <summary>Ends them where the request was cancelled.</summary>
    public bool TryCancel() => cancellationToken.IsCancellationRequested && ended.TrySetCanceled(cancellationToken);

    /// <summary>Hands over what was computed of one; a fault of the request's own stays its own.</summary>
    public void Take(int row, ReadOnlySpan<float> preActivations)
    {
        if (fault is not null)
            return;
        try
        {
            take(first + row, preActivations);
        }
        catch (Exception e)
        {
            fault = e;
        }
    }

    /// <summary>All rows are handed over.</summary>
    public void End()
    {
        if (fault is null)
            ended.SetResult();
        else
            ended.SetException(fault);
    }

    /// <summary>The product failed.</summary>
    public void Fail(Exception e) => ended.SetException(e);
}
