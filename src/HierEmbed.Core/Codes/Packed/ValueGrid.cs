using System.Runtime.InteropServices;
using HierEmbed.Core.Quantization;

namespace HierEmbed.Core.Codes.Packed;

/// <summary>Where the values of a packed code may stand: ± scale · level. 0 is not among them.</summary>
public sealed class ValueGrid
{
    private readonly float[] levels;
    private readonly float[] boundaries;

    /// <summary>Takes levels.</summary>
    /// <param name="levels">In units of a code's scale, finite, ascending from above 0; 2 to <see cref="MaxLevels"/> of them.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public ValueGrid(ReadOnlySpan<float> levels)
    {
        if (levels.Length is < 2 or > MaxLevels)
            throw new ArgumentException($"{levels.Length} levels; expected 2 to {MaxLevels}.", nameof(levels));
        for (int i = 0; i < levels.Length; i++)
        {
            if (!(levels[i] > (i == 0 ? 0 : levels[i - 1])) || !float.IsFinite(levels[i]))
                throw new ArgumentException($"Level {i} is {levels[i]}; expected finite levels that ascend from above 0.", nameof(levels));
        }
        this.levels = levels.ToArray();
        boundaries = new float[levels.Length - 1];
        for (int i = 0; i < boundaries.Length; i++)
            boundaries[i] = (levels[i] + levels[i + 1]) / 2;
    }

    /// <summary>Most levels: with the sign, 8 bits a value.</summary>
    public const int MaxLevels = 128;

    /// <summary>Magnitudes in units of a code's scale, ascending.</summary>
    public ReadOnlySpan<float> Levels => levels;

    /// <summary>The grid's value nearest to a number.</summary>
    public float Nearest(float value, float scale) => MathF.CopySign(levels[LevelOf(value, scale)] * scale, value);

    /// <summary>Which level is nearest to a value's magnitude.</summary>
    public int LevelOf(float value, float scale)
    {
        float magnitude = MathF.Abs(value) / scale;
        if (boundaries.Length > 16)
        {
            int at = boundaries.AsSpan().BinarySearch(magnitude);
            return at < 0 ? ~at : at;
        }
        int level = 0;
        foreach (float boundary in boundaries)
            level += magnitude > boundary ? 1 : 0;
        return level;
    }

    /// <summary>The step of <see cref="CodeScale"/> at which values lose least to rounding, one at which the largest of them stands near a level.</summary>
    public int BestStep(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values)
            largest = MathF.Max(largest, MathF.Abs(value));
        int best = 0;
        float least = float.PositiveInfinity;
        for (int level = levels.Length - 1; level >= 0 && least > 0; level--)
        {
            int step = CodeScale.Nearest(largest / levels[level]);
            float scale = CodeScale.Value(step), error = 0;
            for (int i = 0; i < values.Length && error < least; i++)
            {
                float off = values[i] - Nearest(values[i], scale);
                error += off * off;
            }
            if (error < least)
            {
                least = error;
                best = step;
            }
        }
        return best;
    }

    /// <summary>Fits levels of least squared error (Lloyd–Max) to the magnitudes of codes, each in units of its own code's largest.</summary>
    /// <param name="levelCount">How many, 2 to <see cref="MaxLevels"/>.</param>
    /// <param name="codes">Codes of rows like those that will be packed, values not yet on a grid.</param>
    /// <remarks>Where the codes have too few distinct values, the levels are spread evenly.</remarks>
    public static ValueGrid Fit(int levelCount, IEnumerable<SparseCode> codes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levelCount, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levelCount, MaxLevels);
        var magnitudes = new List<float>();
        foreach (SparseCode code in codes)
        {
            if (code.Values.Length == 0)
                continue;
            float largest = code.Values.Max(MathF.Abs);
            magnitudes.AddRange(code.Values.Select(value => MathF.Abs(value) / largest));
        }
        if (magnitudes.Count < levelCount)
            return Even(levelCount);
        magnitudes.Sort();
        ReadOnlySpan<float> levels = LloydMax.Fit(CollectionsMarshal.AsSpan(magnitudes), levelCount).Levels;
        for (int i = 0; i < levelCount; i++)
        {
            if (!(levels[i] > (i == 0 ? 0 : levels[i - 1])))
                return Even(levelCount);
        }
        return new ValueGrid(levels);
    }

    private static ValueGrid Even(int count) => new([.. Enumerable.Range(0, count).Select(i => (i + 0.5f) / count)]);
}
