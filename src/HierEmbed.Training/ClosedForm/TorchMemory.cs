using System.Runtime.InteropServices;

namespace HierEmbed.Training.ClosedForm;

/// <summary>Where Torch takes its memory from.</summary>
/// <remarks>
/// A step reads rows of 4 KB at random, each on a page of its own. On Linux Torch asks for pages of 2 MB where <c>THP_MEM_ALLOC_ENABLE</c> is set
/// when it first allocates: they cost fewer look-ups, and a five-hundredth of the page faults.
/// </remarks>
internal static partial class TorchMemory
{
    private const string Variable = "THP_MEM_ALLOC_ENABLE";

    /// <summary>Has Torch use large pages from its first allocation on, unless the variable is set already.</summary>
    public static void UseLargePages()
    {
        // .NET keeps an environment of its own, which native code does not see.
        if (OperatingSystem.IsLinux())
            _ = SetNative(Variable, "1", overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
