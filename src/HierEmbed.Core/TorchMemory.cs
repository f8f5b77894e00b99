namespace HierEmbed.Core;

/// <summary>Where Torch takes its memory from.</summary>
/// <remarks>
/// A training step reads rows of 4 KB at random, each on a page of its own. On Linux Torch asks for pages of 2 MB where <c>THP_MEM_ALLOC_ENABLE</c> is set
/// when it first allocates: they cost fewer look-ups, and a five-hundredth of the page faults. It is here, and not beside the training, so that a program
/// sets it without loading what trains.
/// </remarks>
public static class TorchMemory
{
    /// <summary>Has Torch use large pages from its first allocation on, unless the variable is set already. Call it first thing in a program, before threads start.</summary>
    public static void UseLargePages()
    {
        if (OperatingSystem.IsLinux())
            NativeEnvironment.SetDefault("THP_MEM_ALLOC_ENABLE", "1");
    }
}
