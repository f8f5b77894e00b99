using System.Globalization;
using System.Text;

namespace HierEmbed.Cli.Tests.Support;

/// <summary>Files that cannot be trained on, by their names.</summary>
internal static class BadFile
{
    public static void Write(string path, string name)
    {
        const int dims = SmallRows.Dims;
        switch (name)
        {
            case "empty.npy":
                File.WriteAllBytes(path, []);
                break;
            case "truncated.npy":
                WriteNpy(path, "<f4", "400, 16", new byte[100 * dims * sizeof(float)]);
                break;
            case "renamed.npy":
                File.WriteAllText(path, "[[1,2,3],[4,5,6]]");
                break;
            case "pickle.npy":
                WriteNpy(path, "|O", "4,", [0x80, 0x04, (byte)'.']);
                break;
            case "huge.npy":
                WriteNpy(path, "<f4", "1099511627776, 1048576", [1, 2, 3]);
                break;
            case "few.npy":
                SmallRows.WriteNpy(path, 20);
                break;
            case "equal.npy":
                SmallRows.WriteNpy(path, [.. Enumerable.Range(0, 400 * dims).Select(i => (float)(i % dims))], dims);
                break;
            case "zeros.npy":
                SmallRows.WriteNpy(path, new float[400 * dims], dims);
                break;
            case "nan.npy":
                SmallRows.WriteNpy(path, [.. Enumerable.Repeat(float.NaN, 400 * dims)], dims);
                break;
            case "text.jsonl":
                File.WriteAllLines(path, Enumerable.Range(0, 100).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"id": "{{i}}", "text": "no vector here"}""")));
                break;
            case "unknown.bin":
                File.WriteAllBytes(path, [0, 1, 2, 3, 250, 251, 252, 253]);
                break;
            default:
                throw new ArgumentException($"There is no bad file \"{name}\".", nameof(name));
        }
    }

    /// <summary>A header that need not be true, then bytes.</summary>
    private static void WriteNpy(string path, string type, string shape, byte[] bytes)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}".PadRight(117) + "\n";
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. bytes]);
    }
}
