using HierEmbed.Training.Build;

namespace HierEmbed.Training.Tests.TorchLoading;

public sealed class LibstdcxxRelaxationTests
{
    private static CraftedElf WithMarker(CraftedElf? elf = null) =>
        (elf ?? new CraftedElf()).Add("_ZNSo5flushEv", 2).Add(LibstdcxxRelaxation.Symbol, CraftedElf.MarkerVersion);

    [Fact]
    public void Apply_OnlyTheMarkerNeedsTheVersion_ChangesTwoBytesOnce()
    {
        byte[] original = WithMarker().ToBytes();
        byte[] elf = [.. original];

        Assert.True(LibstdcxxRelaxation.Apply(elf));
        int[] changed = [.. Enumerable.Range(0, elf.Length).Where(i => elf[i] != original[i])];
        Assert.Equal(2, changed.Length);
        Assert.Equal(0x22, elf[changed[0]]); // weak function
        Assert.Equal(0x2, elf[changed[1]]); // weak version

        byte[] once = [.. elf];
        Assert.False(LibstdcxxRelaxation.Apply(elf));
        Assert.Equal(once, elf);
    }

    [Fact]
    public void Apply_AnotherSymbolNeedsTheVersion_RefusesAndChangesNothing()
    {
        byte[] original = WithMarker().Add("_ZSt4cerr", CraftedElf.MarkerVersion).ToBytes();
        byte[] elf = [.. original];
        var e = Assert.Throws<InvalidDataException>(() => LibstdcxxRelaxation.Apply(elf));
        Assert.Contains("_ZSt4cerr", e.Message, StringComparison.Ordinal);
        Assert.Equal(original, elf);
    }

    [Fact]
    public void Apply_MarkerIsDefinedInTheFile_Refuses() => Assert.Throws<InvalidDataException>(() =>
        LibstdcxxRelaxation.Apply(new CraftedElf().Add(LibstdcxxRelaxation.Symbol, CraftedElf.MarkerVersion, section: 7).ToBytes()));

    [Fact]
    public void Apply_NoSymbolOfTheVersion_Refuses() =>
        Assert.Throws<InvalidDataException>(() => LibstdcxxRelaxation.Apply(new CraftedElf().Add("_ZNSo5flushEv", 2).ToBytes()));

    [Theory]
    [InlineData("libstdc++.so.6", "GLIBCXX_3.4.30")]
    [InlineData("libother.so.1", LibstdcxxRelaxation.Version)]
    public void Apply_NoSuchRequirement_LeavesTheFileAlone(string library, string version)
    {
        byte[] original = WithMarker(new CraftedElf { Library = library, RequiredVersion = version }).ToBytes();
        byte[] elf = [.. original];
        Assert.False(LibstdcxxRelaxation.Apply(elf));
        Assert.Equal(original, elf);
    }

    [Fact]
    public void Apply_TruncatedAtEveryByte_RefusesWithoutAnythingElse()
    {
        byte[] whole = WithMarker().ToBytes();
        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => LibstdcxxRelaxation.Apply(whole[..length]));
    }

    [Fact]
    public void Apply_AnyByteDamaged_NothingButRefusal()
    {
        byte[] whole = WithMarker().ToBytes();
        for (int i = 0; i < whole.Length; i++)
        {
            foreach (byte value in (byte[])[0, 0x7f, 0xff])
            {
                byte[] elf = [.. whole];
                elf[i] = value;
                if (Record.Exception(() => LibstdcxxRelaxation.Apply(elf)) is { } e)
                    Assert.IsType<InvalidDataException>(e);
            }
        }
    }
}
