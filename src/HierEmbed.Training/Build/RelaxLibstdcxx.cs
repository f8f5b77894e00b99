#nullable enable
#if !NET // The build compiles this file on its own, for netstandard; the tests have these by default, and take the first class alone.
using System;
using System.Collections.Generic;
using System.IO;
#endif
using System.Text;

namespace HierEmbed.Training.Build;

/// <summary>Lets a shared library that was linked against libstdc++ 13 load with an older one, where only the marker of that version stands in the way.</summary>
/// <remarks>
/// GCC 13 makes every object that includes iostream refer to <c>_ZSt21ios_base_library_initv</c>, so that it cannot be mixed with a
/// libstdc++ that does not initialize the streams itself. Nothing calls it; TorchSharp's library has no other need of GLIBCXX_3.4.32, yet the
/// loader refuses it on Debian 12 or Ubuntu 22.04. Marking version and symbol as weak makes the loader go on without them
/// where they are missing, and bind them as before where they are there. Layout: ELF gABI, and the Linux Standard Base on symbol versions.
/// </remarks>
public static class LibstdcxxRelaxation
{
    /// <summary>The version that is made optional.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    /// <summary>The only symbol that may be bound to it.</summary>
    public const string Symbol = "_ZSt21ios_base_library_initv";

    private const string Library = "libstdc++.so.6";
    private const uint SectionDynSym = 11, SectionVerNeed = 0x6ffffffe, SectionVerSym = 0x6fffffff;
    private const int SymbolBytes = 24, SectionHeaderBytes = 64;
    private const int WeakVersion = 0x2, GlobalBinding = 1, WeakBinding = 2;

    private struct Section
    {
        public uint Type, Link;
        public int Offset, Bytes, Entries;
    }

    /// <summary>Relaxes a 64-bit little-endian ELF file in memory.</summary>
    /// <returns>Whether anything changed: false where nothing requires that version, or where it is relaxed already.</returns>
    /// <exception cref="InvalidDataException">It is no such file, or more than the marker needs that version; nothing changed then.</exception>
    public static bool Apply(byte[] elf)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2 || elf[5] != 1)
            throw new InvalidDataException("it is no 64-bit little-endian ELF file");
        List<Section> sections = Sections(elf);
        int need = sections.FindIndex(s => s.Type == SectionVerNeed);
        if (need < 0)
            return false;
        int requirement = FindRequirement(elf, sections, sections[need]);
        if (requirement < 0)
            return false;
        int symbol = FindOnlySymbol(elf, sections, U16(elf, requirement + 6));
        int binding = elf[symbol + 4] >> 4;
        if (binding != GlobalBinding && binding != WeakBinding)
            throw new InvalidDataException(Symbol + " has binding " + binding + ", expected global or weak");
        int flags = U16(elf, requirement + 4);
        if ((flags & WeakVersion) != 0 && binding == WeakBinding)
            return false;
        elf[requirement + 4] = (byte)(flags | WeakVersion);
        elf[symbol + 4] = (byte)((WeakBinding << 4) | (elf[symbol + 4] & 0xf));
        return true;
    }

    private static List<Section> Sections(byte[] elf)
    {
        int offset = Int(elf, 0x28), size = U16(elf, 0x3a), count = U16(elf, 0x3c);
        if (count == 0 || size != SectionHeaderBytes)
            throw new InvalidDataException("it has no section table that is understood (" + count + " entries of " + size + " bytes)");
        Range(elf, offset, (long)count * size);
        var sections = new List<Section>();
        for (int at = offset; count-- > 0; at += size)
        {
            var section = new Section { Type = U32(elf, at + 4), Link = U32(elf, at + 40), Entries = (int)U32(elf, at + 44) };
            if (section.Type == SectionDynSym || section.Type == SectionVerNeed || section.Type == SectionVerSym || section.Type == 3)
            {
                section.Offset = Int(elf, at + 24);
                section.Bytes = Int(elf, at + 32);
                Range(elf, section.Offset, section.Bytes);
            }
            sections.Add(section);
        }
        return sections;
    }

    /// <summary>Offset of the requirement (Elf64_Vernaux) of that version of libstdc++, or -1.</summary>
    private static int FindRequirement(byte[] elf, List<Section> sections, Section need)
    {
        Section names = Strings(sections, need);
        int library = need.Offset;
        for (int i = 0; i < need.Entries; i++)
        {
            Range(elf, library, 16);
            int requirement = library + Int32(elf, library + 8);
            bool libstdcxx = Text(elf, names, U32(elf, library + 4)) == Library;
            for (int left = U16(elf, library + 2); left > 0; left--)
            {
                Range(elf, requirement, 16);
                if (libstdcxx && Text(elf, names, U32(elf, requirement + 8)) == Version)
                    return requirement;
                requirement += Int32(elf, requirement + 12);
            }
            library += Int32(elf, library + 12);
        }
        return -1;
    }

    /// <summary>Offset of the marker (Elf64_Sym), once it is sure that nothing else is bound to the version.</summary>
    private static int FindOnlySymbol(byte[] elf, List<Section> sections, int version)
    {
        int symbols = sections.FindIndex(s => s.Type == SectionDynSym), versions = sections.FindIndex(s => s.Type == SectionVerSym);
        if (symbols < 0 || versions < 0 || sections[symbols].Bytes / SymbolBytes != sections[versions].Bytes / 2)
            throw new InvalidDataException("its symbols and their versions do not match");
        Section names = Strings(sections, sections[symbols]);
        int found = -1;
        for (int i = 0; i < sections[versions].Bytes / 2; i++)
        {
            // The top bit says hidden; the rest is the version's index.
            if ((U16(elf, sections[versions].Offset + 2 * i) & 0x7fff) != version)
                continue;
            int symbol = sections[symbols].Offset + i * SymbolBytes;
            string name = Text(elf, names, U32(elf, symbol));
            if (name != Symbol || U16(elf, symbol + 6) != 0)
                throw new InvalidDataException("it needs " + Version + " for " + name + " too, so it cannot run without that version");
            found = symbol;
        }
        return found >= 0 ? found : throw new InvalidDataException("it requires " + Version + " and has no symbol of it");
    }

    private static Section Strings(List<Section> sections, Section of) => of.Link < sections.Count && sections[(int)of.Link].Type == 3
        ? sections[(int)of.Link]
        : throw new InvalidDataException("a section has no string table");

    private static string Text(byte[] elf, Section strings, uint offset)
    {
        if (offset >= strings.Bytes)
            throw new InvalidDataException("a name lies outside its string table");
        int start = strings.Offset + (int)offset;
        int end = Array.IndexOf(elf, (byte)0, start, strings.Offset + strings.Bytes - start);
        return end < 0 ? throw new InvalidDataException("a name does not end") : Encoding.ASCII.GetString(elf, start, end - start);
    }

    private static void Range(byte[] elf, long offset, long bytes)
    {
        if (offset < 0 || bytes < 0 || offset + bytes > elf.Length)
            throw new InvalidDataException("it ends before a table that its header declares");
    }

    private static int U16(byte[] elf, int at) => elf[at] | (elf[at + 1] << 8);

    private static uint U32(byte[] elf, int at) => (uint)(U16(elf, at) | (U16(elf, at + 2) << 16));

    private static int Int32(byte[] elf, int at) => Fits(U32(elf, at));

    private static int Int(byte[] elf, int at) => Fits(U32(elf, at) | ((ulong)U32(elf, at + 4) << 32));

    private static int Fits(ulong value) => value <= int.MaxValue ? (int)value : throw new InvalidDataException("an offset lies outside the file");
}

#if !NET
/// <summary>Copies a library and relaxes the copy.</summary>
public sealed class RelaxLibstdcxx : Microsoft.Build.Utilities.Task
{
    /// <summary>The library as its package has it.</summary>
    [Microsoft.Build.Framework.Required]
    public string From { get; set; } = "";

    /// <summary>Where the copy goes.</summary>
    [Microsoft.Build.Framework.Required]
    public string To { get; set; } = "";

    /// <inheritdoc />
    public override bool Execute()
    {
        try
        {
            byte[] elf = File.ReadAllBytes(From);
            bool changed = LibstdcxxRelaxation.Apply(elf);
            Directory.CreateDirectory(Path.GetDirectoryName(To)!);
            // Made beside it and moved: an output folder may hold a hard link to the file that is replaced.
            string made = To + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(made, elf);
            File.Delete(To);
            File.Move(made, To);
            Log.LogMessage(Microsoft.Build.Framework.MessageImportance.Normal,
                changed ? "{0}: " + LibstdcxxRelaxation.Version + " made optional" : "{0}: taken as it is", From);
        }
        catch (InvalidDataException e)
        {
            Log.LogError("{0} is not what this build knows how to adapt to an older libstdc++: {1}. See RelaxLibstdcxx.cs.", From, e.Message);
        }
        return !Log.HasLoggedErrors;
    }
}
#endif
