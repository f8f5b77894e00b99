namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>A row's scale in one byte: steps of 1/32 in its logarithm, 3 %, over a range of e⁸.</summary>
internal static class LogScale
{
    private const double StepsPerE = 32;
    private const int Steps = 256;

    // The byte 255 is e^0: coordinates of rows of unit length are no larger.
    private const int Top = Steps - 1;

    /// <summary>The nearest scale that a byte can hold.</summary>
    /// <param name="scale">From 0.</param>
    public static float Nearest(float scale)
    {
        double step = scale > 0 ? Math.Clamp(Math.Round(Math.Log(scale) * StepsPerE), -Top, 0) : -Top;
        return (float)Math.Exp(step / StepsPerE);
    }
}
