using HierEmbed.Core.Codes;
using ParquetSharp;

namespace HierEmbed.Core.Tests.Codes;

public sealed class CodeParquetWriterTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(16 * 1024 + 5)]
    public void Write_Codes_AreReadBackEqual(int rows)
    {
        using var stream = new MemoryStream();
        using (var writer = new CodeParquetWriter(stream))
        {
            for (int row = 0; row < rows; row++)
                writer.Add(new SparseCode(64, [row % 7, 10 + (row % 50)], [row, -0.5f], 1), row % 3 == 0 ? null : $"id{row}");
            writer.Complete();
        }
        using var reader = new ParquetFileReader(new MemoryStream(stream.ToArray()));
        Assert.Equal(["id", "indices", "values"], Enumerable.Range(0, 3).Select(column => reader.FileMetaData.Schema.ColumnRoot(column).Name));
        int at = 0;
        for (int group = 0; group < reader.FileMetaData.NumRowGroups; group++)
        {
            using RowGroupReader rowGroup = reader.RowGroup(group);
            int count = (int)rowGroup.MetaData.NumRows;
            string[] ids = Read<string>(rowGroup, 0, count);
            int[][] indices = Read<int[]>(rowGroup, 1, count);
            float[][] values = Read<float[]>(rowGroup, 2, count);
            for (int i = 0; i < count; i++, at++)
            {
                Assert.Equal(at % 3 == 0 ? null : $"id{at}", ids[i]);
                Assert.Equal([at % 7, 10 + (at % 50)], indices[i]);
                Assert.Equal([at, -0.5f], values[i]);
            }
        }
        Assert.Equal(rows, at);
    }

    private static T[] Read<T>(RowGroupReader group, int column, int rows)
    {
        using ColumnReader reader = group.Column(column);
        using LogicalColumnReader<T> logical = reader.LogicalReader<T>();
        return logical.ReadAll(rows);
    }
}
