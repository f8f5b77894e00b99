using System.Runtime.InteropServices;

namespace HierEmbed.Core;

/// <summary>The environment that native code sees: on Unix .NET keeps one of its own.</summary>
internal static partial class NativeEnvironment
{
    /// <summary>Sets a variable, unless it is set already. Nothing guards it against native code that reads at the same time: call it before threads start.</summary>
    public static void SetDefault(string name, string value)
    {
        if (!OperatingSystem.IsWindows())
            _ = SetNative(name, value, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
