namespace HierEmbed.Training.ClosedForm;

/// <summary>The components of a batch's codes sorted by latent: what one latent's gradient is summed over, always in the same order.</summary>
/// <param name="latentDims">Latents.</param>
internal sealed class LatentEntries(int latentDims)
{
    private readonly int[] starts = new int[latentDims + 1];
    private int[] rows = [], residuals = [];
    private float[] values = [], gradients = [];

    /// <summary>How many components of a latent there are.</summary>
    public int Count(int latent) => starts[latent + 1] - starts[latent];

    /// <summary>Rows of the batch that a latent's components belong to, in the order of codes and rows, <c>[count]</c>.</summary>
    public ReadOnlySpan<int> Rows(int latent) => rows.AsSpan(starts[latent], Count(latent));

    /// <summary>Where S_j of each component stands: a row of <see cref="ResidualGradients"/>, <c>[count]</c>.</summary>
    public ReadOnlySpan<int> Residuals(int latent) => residuals.AsSpan(starts[latent], Count(latent));

    /// <summary>z of each component, <c>[count]</c>.</summary>
    public ReadOnlySpan<float> Values(int latent) => values.AsSpan(starts[latent], Count(latent));

    /// <summary>∂L/∂z of each component, <c>[count]</c>.</summary>
    public ReadOnlySpan<float> Gradients(int latent) => gradients.AsSpan(starts[latent], Count(latent));

    /// <summary>Sorts by counting.</summary>
    public void Sort(ReadOnlySpan<NestedCodes> nests, int batchRows)
    {
        Array.Clear(starts);
        foreach (NestedCodes nest in nests)
        {
            for (int row = 0; row < batchRows; row++)
            {
                foreach (int latent in nest.LatentsOf(row))
                    starts[latent + 1]++;
            }
        }
        for (int latent = 0; latent < latentDims; latent++)
            starts[latent + 1] += starts[latent];
        Reserve(starts[latentDims]);
        foreach (NestedCodes nest in nests)
        {
            for (int row = 0; row < batchRows; row++)
            {
                ReadOnlySpan<int> latents = nest.LatentsOf(row);
                ReadOnlySpan<float> z = nest.ValuesOf(row), dz = nest.ValueGradientsOf(row);
                for (int slot = 0; slot < latents.Length; slot++)
                {
                    int at = starts[latents[slot]]++;
                    (rows[at], residuals[at], values[at], gradients[at]) = (row, nest.ResidualGradient(row, slot), z[slot], dz[slot]);
                }
            }
        }
        // Filling moved each start to the next one's.
        for (int latent = latentDims; latent > 0; latent--)
            starts[latent] = starts[latent - 1];
        starts[0] = 0;
    }

    private void Reserve(int count)
    {
        if (rows.Length >= count)
            return;
        count += count / 4;
        (rows, residuals, values, gradients) = (new int[count], new int[count], new float[count], new float[count]);
    }
}
