using System.Text;
using HierEmbed.Core.Readers;
using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Cli.Search;

/// <summary>Ids, texts and labels of rows in a scratch file; memory holds 24 bytes a row, and nothing where no row has any.</summary>
internal sealed class ScratchLabels(string folder) : IDisposable
{
    private readonly SafeFileHandle file = ScratchFile.Create(folder);
    private readonly List<(long IdEnd, long TextEnd, long LabelEnd)> ends = [];
    private long length;
    private int rows;

    /// <summary>Appends rows.</summary>
    public void Add(ReadOnlySpan<RowLabels> labels)
    {
        var block = new MemoryStream();
        foreach (RowLabels label in labels)
        {
            rows++;
            if (ends.Count == 0 && string.IsNullOrEmpty(label.Id) && string.IsNullOrEmpty(label.Text) && string.IsNullOrEmpty(label.Label))
                continue;
            // Rows before the first that has any have none.
            while (ends.Count < rows - 1)
                ends.Add((0, 0, 0));
            block.Write(Encoding.UTF8.GetBytes(label.Id ?? ""));
            long idEnd = length + block.Length;
            block.Write(Encoding.UTF8.GetBytes(label.Text ?? ""));
            long textEnd = length + block.Length;
            block.Write(Encoding.UTF8.GetBytes(label.Label ?? ""));
            ends.Add((idEnd, textEnd, length + block.Length));
        }
        RandomAccess.Write(file, block.GetBuffer().AsSpan(0, (int)block.Length), length);
        length += block.Length;
    }

    /// <summary>What a row's file says of it.</summary>
    public RowLabels Of(int row)
    {
        if (row >= ends.Count)
            return default;
        long start = row == 0 ? 0 : ends[row - 1].LabelEnd;
        (long idEnd, long textEnd, long labelEnd) = ends[row];
        var said = new byte[labelEnd - start];
        ScratchFile.ReadExactly(file, said, start);
        int idBytes = (int)(idEnd - start), textBytes = (int)(textEnd - start);
        return new RowLabels(TextOrNull(said.AsSpan(0, idBytes)), TextOrNull(said.AsSpan(idBytes, textBytes - idBytes)), TextOrNull(said.AsSpan(textBytes)));
    }

    public void Dispose() => file.Dispose();

    private static string? TextOrNull(ReadOnlySpan<byte> utf8) => utf8.Length == 0 ? null : Encoding.UTF8.GetString(utf8);
}
