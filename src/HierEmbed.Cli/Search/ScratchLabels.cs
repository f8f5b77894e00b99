using System.Text;
using HierEmbed.Core.Readers;
using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Cli.Search;

/// <summary>Ids and texts of rows in a scratch file; memory holds 16 bytes a row, and nothing where no row has any.</summary>
internal sealed class ScratchLabels(string folder) : IDisposable
{
    private readonly SafeFileHandle file = ScratchFile.Create(folder);
    private readonly List<(long IdEnd, long TextEnd)> ends = [];
    private long length;
    private int rows;

    /// <summary>Appends rows.</summary>
    public void Add(ReadOnlySpan<RowLabels> labels)
    {
        var block = new MemoryStream();
        foreach (RowLabels label in labels)
        {
            rows++;
            if (ends.Count == 0 && string.IsNullOrEmpty(label.Id) && string.IsNullOrEmpty(label.Text))
                continue;
            // Rows before the first that has any have none.
            while (ends.Count < rows - 1)
                ends.Add((0, 0));
            block.Write(Encoding.UTF8.GetBytes(label.Id ?? ""));
            long idEnd = length + block.Length;
            block.Write(Encoding.UTF8.GetBytes(label.Text ?? ""));
            ends.Add((idEnd, length + block.Length));
        }
        RandomAccess.Write(file, block.GetBuffer().AsSpan(0, (int)block.Length), length);
        length += block.Length;
    }

    /// <summary>What a row's file says of it.</summary>
    public RowLabels Of(int row)
    {
        if (row >= ends.Count)
            return default;
        long start = row == 0 ? 0 : ends[row - 1].TextEnd;
        (long idEnd, long textEnd) = ends[row];
        var text = new byte[textEnd - start];
        ScratchFile.ReadExactly(file, text, start);
        int idBytes = (int)(idEnd - start);
        return new RowLabels(TextOrNull(text.AsSpan(0, idBytes)), TextOrNull(text.AsSpan(idBytes)));
    }

    public void Dispose() => file.Dispose();

    private static string? TextOrNull(ReadOnlySpan<byte> utf8) => utf8.Length == 0 ? null : Encoding.UTF8.GetString(utf8);
}
