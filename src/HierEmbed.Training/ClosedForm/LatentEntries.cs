namespace HierEmbed.Training.ClosedForm;

/// <summary>The components of a batch's codes sorted by latent: what one latent's gradient is summed over, always in the same order.</summary>
/// <param name="latentDims">Latents.</param>
internal sealed class LatentEntries(int latentDims)
{
    private readonly int[] starts = new int[latentDims + 1];
    private Entry[] entries = [];

    /// <summary>One component.</summary>
    /// <param name="Nest">Index of the codes that it belongs to.</param>
    /// <param name="Row">Row of the batch.</param>
    /// <param name="Slot">Its place in the row's code, strongest first.</param>
    public readonly record struct Entry(int Nest, int Row, int Slot);

    /// <summary>Components of one latent, in the order of codes and rows.</summary>
    public ReadOnlySpan<Entry> Of(int latent) => entries.AsSpan(starts[latent], starts[latent + 1] - starts[latent]);

    /// <summary>Sorts by counting.</summary>
    public void Sort(ReadOnlySpan<NestedCodes> nests, int rows)
    {
        Array.Clear(starts);
        foreach (NestedCodes nest in nests)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int slot = 0; slot < nest.Active(row); slot++)
                    starts[nest.Latent(row, slot) + 1]++;
            }
        }
        for (int latent = 0; latent < latentDims; latent++)
            starts[latent + 1] += starts[latent];
        if (entries.Length < starts[latentDims])
            entries = new Entry[starts[latentDims] + (starts[latentDims] / 4)];

        for (int n = 0; n < nests.Length; n++)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int slot = 0; slot < nests[n].Active(row); slot++)
                    entries[starts[nests[n].Latent(row, slot)]++] = new Entry(n, row, slot);
            }
        }
        // Filling moved each start to the next one's.
        for (int latent = latentDims; latent > 0; latent--)
            starts[latent] = starts[latent - 1];
        starts[0] = 0;
    }
}
