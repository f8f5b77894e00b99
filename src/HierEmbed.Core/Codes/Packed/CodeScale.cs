namespace HierEmbed.Core.Codes.Packed;

/// <summary>A code's scale as one of 256 steps: 4 · exp((step − 255) / 32), 3 % apart, from 0.0014 to 4.</summary>
/// <remarks>Embeddings have unit length, so values are below 1 but for atoms that nearly cancel one another.</remarks>
public static class CodeScale
{
    private const double Largest = 4, StepsPerE = 32;

    private static readonly float[] Values = [.. Enumerable.Range(0, Steps).Select(step => (float)(Largest * Math.Exp((step - (Steps - 1)) / StepsPerE)))];

    /// <summary>How many steps there are.</summary>
    public const int Steps = 256;

    /// <summary>The scale that a step stands for.</summary>
    /// <param name="step">From 0 to <see cref="Steps"/> − 1.</param>
    public static float Value(int step) => Values[step];

    /// <summary>The scale nearest to a magnitude, in proportion, that a byte can hold.</summary>
    /// <param name="value">A magnitude from 0.</param>
    public static float Rounded(float value) => Value(Nearest(value));

    /// <summary>The step whose scale is nearest, in proportion.</summary>
    /// <param name="value">A magnitude from 0.</param>
    public static int Nearest(float value) =>
        value <= 0 ? 0 : (int)Math.Clamp(Math.Round(Steps - 1 + (StepsPerE * Math.Log(value / Largest))), 0, Steps - 1);
}
