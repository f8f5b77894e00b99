using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace HierEmbed.Benchmarks.Measuring;

/// <summary>What measured.</summary>
internal static class Machine
{
    /// <summary>Processor, memory, system, versions and date, in one paragraph.</summary>
    public static string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores {Processor()}, {Vectors()}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0} GB; {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, TorchSharp {Version("TorchSharp")}, ONNX Runtime {Version("Microsoft.ML.OnnxRuntime")}.");

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()
        : RuntimeInformation.ProcessArchitecture.ToString();

    private static string Vectors() => Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : $"vectors of {8 * System.Numerics.Vector<byte>.Count} bits";

    private static string Version(string assembly) => System.Reflection.Assembly.Load(assembly).GetName().Version!.ToString(3);
}
