namespace HierEmbed.Core.Quantization;

/// <summary>Maps a number to the nearest of a few levels.</summary>
public sealed class ScalarQuantizer
{
    private readonly float[] levels;
    private readonly float[] boundaries;

    /// <summary>Takes levels.</summary>
    /// <param name="levels">Ascending, from one.</param>
    /// <param name="distortion">Mean squared error on what the levels were fitted to.</param>
    public ScalarQuantizer(ReadOnlySpan<float> levels, double distortion)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levels.Length, 1, nameof(levels));
        this.levels = levels.ToArray();
        boundaries = new float[levels.Length - 1];
        for (int i = 0; i < boundaries.Length; i++)
            boundaries[i] = (float)(((double)levels[i] + levels[i + 1]) / 2);
        Distortion = distortion;
    }

    /// <summary>The levels, ascending.</summary>
    public ReadOnlySpan<float> Levels => levels;

    /// <summary>Mean squared error on what the levels were fitted to.</summary>
    public double Distortion { get; }

    /// <summary>Which level stands for a value; halfway between two, the lower.</summary>
    public int Index(float value)
    {
        int low = 0, high = boundaries.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (value > boundaries[middle])
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>The level that stands for a value.</summary>
    public float Nearest(float value) => levels[Index(value)];
}
