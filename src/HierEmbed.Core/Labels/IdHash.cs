using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Labels;

/// <summary>What rows are found by where their ids would take too much memory. Two ids may share it: compare the ids themselves too.</summary>
public static class IdHash
{
    /// <summary>XXH3 of an id.</summary>
    public static ulong Of(string id) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(id.AsSpan()));
}
