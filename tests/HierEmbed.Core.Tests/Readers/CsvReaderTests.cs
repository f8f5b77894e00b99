using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class CsvReaderTests
{
    [Theory]
    [InlineData("1,-2.5,3e-1\n")]
    [InlineData("1,-2.5,3e-1")]
    [InlineData("\uFEFF1,-2.5,.3\r\n\r\n")]
    [InlineData("+1, -2.50 ,\"0.3\"\n")]
    [InlineData("1.,-2.5,0.30000000000000000000000001\n")]
    [InlineData("1\t-2.5\t0.3\n")]
    [InlineData("1;-2.5;0.3\n")]
    [InlineData("a,b,c\n1,-2.5,0.3\n")]
    [InlineData("0,1,2\n1,-2.5,0.3\n")]
    [InlineData("id,0,1,2\nx,1,-2.5,0.3\n")]
    [InlineData(",0,1,2\n7,1,-2.5,0.3\n")]
    [InlineData("1,2,3\n1,-2.5,0.3\n")]
    [InlineData("\"1\",\"2\",\"3\"\n1,-2.5,0.3\n")]
    [InlineData("\"\",\"1\",\"2\",\"3\"\n\"1\",1,-2.5,0.3\n")]
    [InlineData("name,1,-2.5,0.3\n")]
    [InlineData("url,year,e1,e2,e3,pages\nhttp://x,1999,1,-2.5,0.3,7\n")]
    [InlineData("year,emb,note\n1999,\"[1, -2.5, 0.3]\",\"a, b\"\n")]
    [InlineData("year\temb\n1999\t[1, -2.5, 0.3]\n")]
    [InlineData("embedding\n\"[1, -2.5,\n 0.3]\"\n")]
    [InlineData("a,b\nx,\"[[1, -2.5, 0.3]]\"\n")]
    [InlineData("\"a, b\",\"c\nd\",e\n1,-2.5,0.3\n")]
    public void Read_EveryShapeOfARow_IsTheSameRow(string content)
    {
        foreach (string name in (string[])["a.csv", "a.tsv"])
        {
            Assert.Equal([1, -2.5f, 0.3f], Assert.Single(Files.Read(name, content).Rows));
            Assert.Equal([1, -2.5f, 0.3f], Assert.Single(Files.Read(name, new DribbleStream(Encoding.UTF8.GetBytes(content))).Rows));
        }
    }

    /// <summary>What counts from 1 may as well be the first row.</summary>
    [Theory]
    [InlineData("1,2,3\n")]
    [InlineData("1,2,3\n4,5,6\n")]
    [InlineData("1,2,3\n4,5,6\n0.5,5,6\n")]
    [InlineData("1.0,2.0,3.0\n0.1,0.2,0.3\n")]
    [InlineData("1,2\n0.5,0.25\n")]
    [InlineData("1,2,4\n0.1,0.2,0.3\n")]
    [InlineData("2,3,4\n0.1,0.2,0.3\n")]
    public void Read_FirstRowThatMayCount_IsARow(string content) =>
        Assert.Equal(content.Count(c => c == '\n'), Files.Read("a.csv", content).Rows.Count);

    [Theory]
    [InlineData("1,nan", RejectionReason.NotFinite, "NaN at dimension 1")]
    [InlineData("NaN,1", RejectionReason.NotFinite, "NaN at dimension 0")]
    [InlineData("NA,1", RejectionReason.NotFinite, "NaN at dimension 0")]
    [InlineData(",1", RejectionReason.NotFinite, "NaN at dimension 0")]
    [InlineData("null,1", RejectionReason.NotFinite, "NaN at dimension 0")]
    [InlineData("-1.#IND,1", RejectionReason.NotFinite, "NaN at dimension 0")]
    [InlineData("-nan(ind),1", RejectionReason.NotFinite, "NaN at dimension 0")]
    [InlineData("1,inf", RejectionReason.NotFinite, "infinity at dimension 1")]
    [InlineData("1,-Infinity", RejectionReason.NotFinite, "-infinity at dimension 1")]
    [InlineData("1e999,1", RejectionReason.NotFinite, "infinity at dimension 0")]
    [InlineData("1,-1e39", RejectionReason.NotFinite, "-infinity at dimension 1")]
    [InlineData("1,2,3", RejectionReason.WrongLength, "3 columns; expected 2")]
    [InlineData("1", RejectionReason.WrongLength, "1 columns; expected 2")]
    [InlineData("1,x", RejectionReason.NotNumbers, "a text at dimension 1; expected a number")]
    [InlineData("1,0x10", RejectionReason.NotNumbers, "a text at dimension 1; expected a number")]
    [InlineData("1,1_000", RejectionReason.NotNumbers, "a text at dimension 1; expected a number")]
    [InlineData("0,-0.0", RejectionReason.ZeroRow, "all values are 0")]
    public void Read_BadRecord_IsRejectedByItsRowNumber(string record, RejectionReason reason, string detail)
    {
        ReadFile read = Files.Read("a.csv", $"x,y\n1,2\n\n3,4\n{record}\n5,6\n", Files.Lenient with { RejectZeroRows = true });
        Assert.Equal([new RejectedRow(2, reason, detail)], read.Rejections.Listed);
        Assert.Equal([0, 1, 3], read.Sources);
        Assert.Equal(4, read.RowsInFile);
    }

    // More bad records first than the layout is found from: the dimension stays, and they are rejected.
    [Theory]
    [InlineData("emb_0,emb_1,emb_2\n", "1,,3\n")]
    [InlineData("id,emb_0,emb_1,emb_2,empty\n", "x,1,NaN,3,\n")]
    [InlineData("", "1,nan,3\n")]
    public void Read_DimensionWithoutANumberAtFirst_IsNotLeftOut(string header, string bad)
    {
        string good = bad.Replace(",,", ",2,", StringComparison.Ordinal).Replace("nan", "2", StringComparison.OrdinalIgnoreCase);
        ReadFile file = Files.Read("a.csv", header + string.Concat(Enumerable.Repeat(bad, 60)) + string.Concat(Enumerable.Repeat(good, 3)), new ReaderOptions { MaxRejectedFraction = 1 });
        Assert.Equal((3, 3, 60L), (file.Info.Dims, file.Rows.Count, file.Rejections.Count));
        Assert.Equal([1, 2, 3], file.Rows[0]);
    }

    [Fact]
    public void Read_ListsOfOtherLengths_AreRejected()
    {
        ReadFile read = Files.Read("a.csv", "emb\n\"[1,2]\"\n\"[1]\"\n\"[1,2\"\n\"[1 2]\"\n\"[3,4]\"\n", Files.Lenient);
        Assert.Equal([[1, 2], [3, 4]], read.Rows);
        Assert.Equal([RejectionReason.WrongLength, RejectionReason.NotNumbers, RejectionReason.NotNumbers], read.Rejections.Listed.Select(rejected => rejected.Reason));
    }

    [Theory]
    [InlineData("x,y\n1,2\n3")]
    [InlineData("x,emb\n1,\"[1,2]\"\n2,\"[1")]
    public void Read_CutInsideTheLastRecord_IsTruncated(string content) => Assert.Equal(ProblemTypes.TruncatedFile, Files.Refused("a.csv", content).Type);

    [Theory]
    [InlineData("a,b\nx,y\nz,w 3\n1,q\n", "no column holds numbers")]
    [InlineData("a;b\n0,5;0,25\n0,5;0,25\n", "decimal commas")]
    [InlineData("a;b;c\n0,5;0,25;1\n0,5;0,25;1\n", "decimal commas")]
    [InlineData("0,5;0,25;1\n0,5;0,25;1\n", "decimal commas")]
    [InlineData("a,b\n\"[1]\",\"[2]\"\n", "2 columns hold lists")]
    public void Open_NoColumnWithNumbers_SaysSo(string content, string found)
    {
        EmbeddingFileException e = Files.Refused("a.csv", content);
        Assert.Equal(ProblemTypes.UnsupportedContent, e.Type);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_HeaderAlone_IsEmpty() => Assert.Equal(ProblemTypes.EmptyFile, Files.Refused("a.csv", "id,x,y\n").Type);

    /// <summary>Wider than what is looked at first: the columns are those of the whole record.</summary>
    [Fact]
    public void Read_RecordOfMegabytes_HasAllItsColumns()
    {
        const int dims = 60_000;
        string header = string.Join(',', Enumerable.Range(0, dims).Select(d => $"e{d}"));
        string row = string.Join(',', Enumerable.Range(0, dims).Select(d => $"{d}.5"));
        ReadFile read = Files.Read("a.csv", $"{header}\n{row}\n{row}\n");
        Assert.Equal((2, dims), (read.Rows.Count, read.Info.Dims));
        Assert.Equal(59_999.5f, read.Rows[1][^1]);
    }

    /// <summary>Lines of a text are no records: the columns are those of the first record behind it that is whole.</summary>
    [Theory]
    [InlineData("id,text,a,b\n", 30)]
    [InlineData("id,text,a,b\n", 70_000)]
    [InlineData("id,text,a,b\n", 200_000)]
    [InlineData("", 200_000)]
    public void Read_FirstTextIsLongAndHasLineEnds_IsRead(string header, int lines)
    {
        string text = string.Concat(Enumerable.Repeat("a\n", lines));
        string id = header.Length > 0 ? "x," : "";
        string content = $"{header}{id}\"{text}\",0.5,0.25\n{id}\"short\",1,2\n";
        foreach (string name in (string[])["a.csv", "a"])
            Assert.Equal([[0.5f, 0.25f], [1, 2]], Files.Read(name, content).Rows);
        Assert.Equal([[0.5f, 0.25f], [1, 2]], Files.Read("a.tsv", content.Replace(',', '\t')).Rows);
    }

    [Fact]
    public void Open_NoRecordBehindTheHeaderIsWhole_SaysSo() =>
        Assert.Contains("no record that is whole", Files.Refused("a.csv", $"text,a,b\n\"{new string('\n', 5_000_000)}\",1,2\n").Message, StringComparison.Ordinal);

    /// <summary>R's write.table(x, sep = ",").</summary>
    [Fact]
    public void Read_HeaderWithoutANameForTheRowNames_TakesThemAsIds()
    {
        ReadFile read = Files.Read("a.csv", "\"V1\",\"V2\",\"V3\"\n\"1\",0.5,1.5,2.5\n\"2\",3.5,4.5,5.5\n");
        Assert.Equal([[0.5f, 1.5f, 2.5f], [3.5f, 4.5f, 5.5f]], read.Rows);
        Assert.Equal(["1", "2"], read.Labels.Select(labels => labels.Id));
    }

    [Fact]
    public void Read_DelimiterAtTheEndOfRowsAlone_DoesNotShiftTheColumns() =>
        Assert.Equal(2, Files.Read("a.csv", "a,b,c\n1,2,3,\n4,5,6,\n7,8,9\n", Files.Lenient).Rejections.Count);

    [Fact]
    public void Read_QuoteThatIsNeverClosed_IsRefusedWithinTheLimit()
    {
        string content = $"x,y\n1,2\n\"{new string('\n', 200_000)}";
        Assert.Equal(ProblemTypes.MalformedFile, Files.Refused("a.csv", content, new ReaderOptions { MaxTokenBytes = 64 * 1024 }).Type);
    }
}
