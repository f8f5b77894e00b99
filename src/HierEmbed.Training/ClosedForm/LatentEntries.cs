namespace HierEmbed.Training.ClosedForm;

/// <summary>The components of a batch's codes sorted by latent: what one latent's gradient is summed over, always in the same order.</summary>
/// <param name="latentDims">Latents.</param>
internal sealed class LatentEntries(int latentDims)
{
    private readonly int[] starts = new int[latentDims + 1];
    private int[] rows = [], residuals = [], places = [];
    private float[] values = [], gradients = [];

    /// <summary>How many components of a latent there are.</summary>
    public int Count(int latent) => starts[latent + 1] - starts[latent];

    /// <summary>Rows of the batch that a latent's components belong to, ascending, <c>[count]</c>.</summary>
    public ReadOnlySpan<int> Rows(int latent) => rows.AsSpan(starts[latent], Count(latent));

    /// <summary>The number of the residual whose gradient is S_j, for each component, <c>[count]</c>.</summary>
    public ReadOnlySpan<int> Residuals(int latent) => residuals.AsSpan(starts[latent], Count(latent));

    /// <summary>z of each component, <c>[count]</c>.</summary>
    public ReadOnlySpan<float> Values(int latent) => values.AsSpan(starts[latent], Count(latent));

    /// <summary>∂L/∂z of each component, after <see cref="TakeGradients"/>, <c>[count]</c>.</summary>
    public ReadOnlySpan<float> Gradients(int latent) => gradients.AsSpan(starts[latent], Count(latent));

    /// <summary>Sorts by counting.</summary>
    public void Sort(NestedCodes codes, int batchRows)
    {
        Array.Clear(starts);
        for (int row = 0; row < batchRows; row++)
        {
            foreach (int latent in codes.LatentsOf(row))
                starts[latent + 1]++;
        }
        for (int latent = 0; latent < latentDims; latent++)
            starts[latent + 1] += starts[latent];
        Reserve(starts[latentDims]);
        int component = 0;
        for (int row = 0; row < batchRows; row++)
        {
            ReadOnlySpan<int> latents = codes.LatentsOf(row);
            ReadOnlySpan<float> z = codes.ValuesOf(row);
            for (int slot = 0; slot < latents.Length; slot++)
            {
                int at = places[component++] = starts[latents[slot]]++;
                (rows[at], residuals[at], values[at]) = (row, codes.ResidualOf(row, slot), z[slot]);
            }
        }
        // Filling moved each start to the next one's.
        for (int latent = latentDims; latent > 0; latent--)
            starts[latent] = starts[latent - 1];
        starts[0] = 0;
    }

    /// <summary>Takes ∂L/∂z from the codes that were sorted.</summary>
    public void TakeGradients(NestedCodes codes, int batchRows)
    {
        int component = 0;
        for (int row = 0; row < batchRows; row++)
        {
            foreach (float gradient in codes.ValueGradientsOf(row))
                gradients[places[component++]] = gradient;
        }
    }

    private void Reserve(int count)
    {
        if (rows.Length >= count)
            return;
        count += count / 4;
        (rows, residuals, places, values, gradients) = (new int[count], new int[count], new int[count], new float[count], new float[count]);
    }
}
