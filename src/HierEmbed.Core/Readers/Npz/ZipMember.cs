namespace HierEmbed.Core.Readers.Npz;

/// <summary>One member of a zip file as its directory declares it.</summary>
/// <param name="Name">Its name; never used as a path.</param>
/// <param name="IsDeflated">Deflated; else stored.</param>
/// <param name="Crc32">Checksum of its content.</param>
/// <param name="PackedBytes">Bytes that it takes in the file.</param>
/// <param name="Bytes">Bytes of its content.</param>
/// <param name="HeaderOffset">Where its local header begins.</param>
internal sealed record ZipMember(string Name, bool IsDeflated, uint Crc32, long PackedBytes, long Bytes, long HeaderOffset);
