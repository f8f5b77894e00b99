namespace HierEmbed.Core;

/// <summary>Keeps ONNX Runtime from reporting its use.</summary>
/// <remarks>
/// Since 1.31 its Linux build sends events to mobile.events.data.microsoft.com and writes a file <c>.ses</c> into the temporary folder,
/// unless <c>ORT_DISABLE_TELEMETRY</c> is set when its first session opens. What users embed is nobody's business, and neither is that they do.
/// </remarks>
public static class OnnxTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Turns it off for this process, unless the variable is set already. Call it before the first session opens.</summary>
    public static void TurnOff()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
            return;
        Environment.SetEnvironmentVariable(Variable, "1");
        NativeEnvironment.SetDefault(Variable, "1");
    }
}
