using HierEmbed.Cli.Tests.Support;

namespace HierEmbed.Cli.Tests;

public sealed class CommandLineTests
{
    public static TheoryData<string> Commands => ["", "demo", "serve", "inspect", "train", "encode", "search"];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_EveryCommand_ShowsUsageAndAnExampleOnStandardOutput(string command)
    {
        Finished help = (await Hierembed.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])).Expect(0);
        Assert.Contains("Usage:", help.Out, StringComparison.Ordinal);
        Assert.Contains($"Examples:\n  hierembed {command}", help.Out, StringComparison.Ordinal);
        Assert.Empty(help.Error);
    }

    [Fact]
    public async Task Version_PrintsOneLine()
    {
        Finished version = (await Hierembed.RunAsync("--version")).Expect(0);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", version.Out);
    }

    [Theory]
    [InlineData("")]
    [InlineData("learn", "learn")]
    [InlineData("train", "--out")]
    [InlineData("train --out m", "train")]
    [InlineData("train a.npy --out m --sed 3", "--sed")]
    [InlineData("train a.npy --out m --seed -1", "--seed is \"-1\"")]
    [InlineData("train a.npy --out m --seed x", "--seed is \"x\"")]
    [InlineData("train a.npy --out m --recipe nested", "matryoshka, sparse, seed")]
    [InlineData("train a.npy --out m --set epoch=3", "did you mean \"epochs\"")]
    [InlineData("train a.npy --out m --set epochs=0", "expected whole number from 1 to 10000")]
    [InlineData("train a.npy --out m --set epochs", "expected key=value")]
    [InlineData("encode m a.npy --k 0 --out c.npz", "--k is \"0\"")]
    [InlineData("encode m a.npy --out c.mat", "expected .npz, .parquet")]
    [InlineData("search m --queries q.npy", "--corpus")]
    [InlineData("search m --corpus a.npy", "none of --queries, --query-row and --query-id")]
    [InlineData("search m --corpus a.npy --query-row 1 --query-id x", "more than one of --queries")]
    [InlineData("search m --corpus a.npy --query-row -1", "--query-row is \"-1\"")]
    [InlineData("search m --corpus a.npy --query-row 1 --top 0", "--top is \"0\"")]
    [InlineData("search m --corpus a.npy --query-row 1 --k 8 --bytes 32", "--k and --bytes")]
    [InlineData("search m --corpus a.npy --querys q.npy", "--querys")]
    [InlineData("search m --corpus a.npy --query-row 1 --vectors a.npy", "--vectors goes with a corpus of .codes files")]
    [InlineData("search m --corpus a.npy a.codes --query-row 1", "--corpus names .codes files beside embeddings")]
    [InlineData("search m --corpus a.codes --query-row 1 --bytes 32", "--bytes is given with a corpus of .codes files")]
    [InlineData("search m --corpus a.codes --query-row 1 --coding encoder", "--coding is given with a corpus of .codes files")]
    [InlineData("search m --corpus a.codes --query-row 1 --rerank full", "--vectors, or use --rerank codes")]
    [InlineData("search m --corpus a.npy --query-row 1 --rerank best", "--rerank")]
    [InlineData("demo --port 70000", "--port is \"70000\"; expected a whole number from 1 to 65535")]
    [InlineData("serve --urls here", "--urls holds \"here\"")]
    [InlineData("serve --urls ftp://127.0.0.1:21", "--urls holds \"ftp://127.0.0.1:21\"")]
    [InlineData("serve --urls https://127.0.0.1:0", "--urls holds \"https://127.0.0.1:0\"")]
    [InlineData("serve --urls http://127.0.0.1:0/base", "--urls holds \"http://127.0.0.1:0/base\"")]
    [InlineData("serve --urls http://0.0.0.0:7071", "HierEmbed__ApiKey")]
    [InlineData("serve --urls http://127.0.0.1:0;http://*:0", "HierEmbed__ApiKey")]
    public async Task CommandLine_ThatCannotBe_IsUsageWithTheReason(string commandLine, string? reason = null)
    {
        using var folder = new TemporaryFolder();
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Expect(2);
        Assert.Empty(wrong.Out);
        Assert.StartsWith("error: ", wrong.Error, StringComparison.Ordinal);
        Assert.Contains(reason ?? "", wrong.Error, StringComparison.Ordinal);
        Assert.Empty(folder.Entries);
    }

    [Theory]
    [InlineData("--out", "train", "a.npy", "--out", "")]
    [InlineData("--out", "encode", "m", "a.npy", "--out", " ")]
    [InlineData("--storage", "serve", "--storage", "")]
    public async Task Path_Empty_IsUsageAndNamesTheOption(string option, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, arguments)).Expect(2);
        Assert.Contains($"error: {option} is empty", wrong.Error, StringComparison.Ordinal);
        Assert.Empty(folder.Entries);
    }

    [Theory]
    [InlineData("HierEmbed__Threds", "2", "Threds")]
    [InlineData("HierEmbed__MinRows", "1", "MinRows")]
    [InlineData("HierEmbed__PollInterval", "soon", "PollInterval")]
    [InlineData("HierEmbed__UploadsContainer", "hierembed", "expected two containers")]
    public async Task Setting_Wrong_IsUsageAndNamesIt(string name, string value, string said)
    {
        using var folder = new TemporaryFolder();
        await using Hierembed process = Hierembed.Start(folder.Root, new Dictionary<string, string> { [name] = value }, "serve", "--urls", "http://127.0.0.1:0");
        Finished wrong = (await process.EndAsync()).Expect(2);
        Assert.Contains(said, wrong.Error, StringComparison.Ordinal);
        Assert.Empty(folder.Entries);
    }
}
