using System.Buffers.Binary;
using System.Text;
using HierEmbed.Training.Build;

namespace HierEmbed.Training.Tests.TorchLoading;

/// <summary>The least of a shared library that has versioned symbols: its section table, names, symbols and their versions.</summary>
internal sealed class CraftedElf
{
    private const int Names = 64, NameBytes = 192, Symbols = Names + NameBytes, SymbolBytes = 24;
    private readonly StringBuilder names = new("\0");
    private readonly List<(string Name, ushort Version, ushort Section)> symbols = [("", 0, 0)];

    public const ushort MarkerVersion = 18;

    public string Library { get; init; } = "libstdc++.so.6";

    public string RequiredVersion { get; init; } = LibstdcxxRelaxation.Version;

    public CraftedElf Add(string symbol, ushort version, ushort section = 0)
    {
        symbols.Add((symbol, version, section));
        return this;
    }

    public byte[] ToBytes()
    {
        int versions = Symbols + SymbolBytes * symbols.Count, needs = versions + 2 * symbols.Count, headers = needs + 16 + 2 * 16;
        byte[] elf = new byte[headers + 4 * 64];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(elf, 0);
        Put64(elf, 0x28, headers);
        Put16(elf, 0x3a, 64);
        Put16(elf, 0x3c, 4);
        for (int i = 0; i < symbols.Count; i++)
        {
            int at = Symbols + SymbolBytes * i;
            Put32(elf, at, Name(symbols[i].Name));
            elf[at + 4] = 0x12; // global function
            Put16(elf, at + 6, symbols[i].Section);
            Put16(elf, versions + 2 * i, symbols[i].Version);
        }
        Put16(elf, needs, 1);
        Put16(elf, needs + 2, 2);
        Put32(elf, needs + 4, Name(Library));
        Put32(elf, needs + 8, 16);
        PutRequirement(elf, needs + 16, "GLIBCXX_3.4.9", 2, next: 16);
        PutRequirement(elf, needs + 32, RequiredVersion, MarkerVersion, next: 0);
        Encoding.ASCII.GetBytes(names.ToString()).CopyTo(elf, Names);
        PutSection(elf, headers, 3, 0, Names, NameBytes, 0);
        PutSection(elf, headers + 64, 11, 0, Symbols, SymbolBytes * symbols.Count, 1);
        PutSection(elf, headers + 128, 0x6fffffff, 1, versions, 2 * symbols.Count, 0);
        PutSection(elf, headers + 192, 0x6ffffffe, 0, needs, 48, 1);
        return elf;
    }

    private int Name(string name)
    {
        if (name.Length == 0)
            return 0;
        int at = names.Length;
        names.Append(name).Append('\0');
        return at;
    }

    private void PutRequirement(byte[] elf, int at, string version, ushort index, int next)
    {
        Put16(elf, at + 6, index);
        Put32(elf, at + 8, Name(version));
        Put32(elf, at + 12, next);
    }

    private static void PutSection(byte[] elf, int at, uint type, int link, int offset, int bytes, int entries)
    {
        Put32(elf, at + 4, (int)type);
        Put64(elf, at + 24, offset);
        Put64(elf, at + 32, bytes);
        Put32(elf, at + 40, link);
        Put32(elf, at + 44, entries);
    }

    private static void Put16(byte[] elf, int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(at), (ushort)value);

    private static void Put32(byte[] elf, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(elf.AsSpan(at), value);

    private static void Put64(byte[] elf, int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(at), value);
}
