namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>Shares bits out among dimensions, each to where it lowers the squared error most (Gersho and Gray 1992, ch. 8).</summary>
internal static class BitAllocation
{
    /// <summary>Shares bits out.</summary>
    /// <param name="columns">The dimensions and what their error is at each rate.</param>
    /// <param name="bits">How many to share out.</param>
    /// <returns>Bits of each dimension; fewer in all where every dimension has the most that it can use.</returns>
    public static int[] Greedy(SortedColumns columns, int bits)
    {
        var allocated = new int[columns.Dims];
        var gains = new PriorityQueue<int, (double, int)>();
        for (int d = 0; d < columns.Dims; d++)
            Offer(d);
        for (; bits > 0 && gains.TryDequeue(out int dimension, out _); bits--)
        {
            allocated[dimension]++;
            Offer(dimension);
        }
        return allocated;

        // The queue gives the least first; of equal gains the lower dimension.
        void Offer(int dimension)
        {
            if (allocated[dimension] == SortedColumns.MaxBits)
                return;
            double gain = columns.Quantizer(dimension, allocated[dimension]).Distortion - columns.Quantizer(dimension, allocated[dimension] + 1).Distortion;
            if (gain > 0)
                gains.Enqueue(dimension, (-gain, dimension));
        }
    }
}
