using System.Runtime.CompilerServices;

namespace HierEmbed.Functions.Standin;

/// <summary>What a member answers that would need behaviour.</summary>
internal static class Unsupported
{
    public static NotSupportedException Member([CallerMemberName] string name = "") =>
        new($"The stand-in of the function SDK declares {name} and no more. Compile against the packages to run the app: unset FunctionsSdk.");
}
