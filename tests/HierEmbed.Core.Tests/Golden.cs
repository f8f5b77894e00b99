namespace HierEmbed.Core.Tests;

/// <summary>The files that Golden/make_golden.py made.</summary>
internal static class Golden
{
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name));

    public static MemoryStream Open(string name) => new(Bytes(name));
}
