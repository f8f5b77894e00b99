using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace HierEmbed.Training;

/// <summary>Settings of the native library that hold for the whole process; to be called before anything else of Torch.</summary>
internal static partial class TorchRuntime
{
    /// <summary>Most threads that are taken unasked: a step's parts are too small for more.</summary>
    private const int MaxDefaultThreads = 4;

    // Between two parallel regions OpenMP's threads spin. On cores that something else wants too, the spinning takes the time of the
    // thread that is waited for: 165 to 250 rows/s with two threads on a busy two-core machine, 1,100 to 1,300 with one, 1,900 to 2,000
    // with two that sleep. An OMP_WAIT_POLICY that is set already stays.
    /// <summary>Lets idle threads sleep. Effective if Torch is not loaded yet; Linux only, other systems' OpenMP sleeps by itself.</summary>
    public static void Prepare()
    {
        // .NET's own SetEnvironmentVariable changes a managed copy that native code does not see.
        if (OperatingSystem.IsLinux())
            _ = SetEnvironment("OMP_WAIT_POLICY", "passive", overwrite: 0);
    }

    /// <summary>Sets the number of Torch's threads.</summary>
    /// <param name="threads">0: as many as there are cores, 4 at most.</param>
    public static void UseThreads(int threads)
    {
        Prepare();
        set_num_threads(threads > 0 ? threads : Math.Min(Environment.ProcessorCount, MaxDefaultThreads));
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
