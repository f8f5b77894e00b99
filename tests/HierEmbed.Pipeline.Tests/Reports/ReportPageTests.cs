using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using HierEmbed.Core;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Reports;

namespace HierEmbed.Pipeline.Tests.Reports;

public sealed partial class ReportPageTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static TheoryData<string> Variants => ["full", "small", "seed", "nothing evaluated", "nothing compared", "wrong labels", "constant losses"];

    private static string Render(string variant) => variant switch
    {
        "full" => ReportPage.Render(ReportFixture.Manifest(), ReportFixture.Metrics(ReportFixture.Evaluation())),
        "small" => ReportPage.Render(ReportFixture.Manifest("sparse", 40) with { ParentModel = null, InputType = null }, ReportFixture.Metrics(ReportFixture.Small(), epochs: 1)),
        "seed" => ReportPage.Render(ReportFixture.Manifest("seed"), ReportFixture.Metrics(ReportFixture.OfSeed(), epochs: 100)),
        "nothing evaluated" => ReportPage.Render(ReportFixture.Manifest("pca"), ReportFixture.Metrics() with { History = null }),
        "nothing compared" => ReportPage.Render(ReportFixture.Manifest(), ReportFixture.Metrics(ReportFixture.Small() with { Comparison = new ComparisonTable([], []), ByK = [] })),
        "wrong labels" => ReportPage.Render(ReportFixture.Manifest(), ReportFixture.Metrics(ReportFixture.Evaluation() with { Labels = null, LabelsProblem = "labels.csv has 7 rows." })),
        "constant losses" => ReportPage.Render(ReportFixture.Manifest(), ReportFixture.Metrics() with { History = [.. Enumerable.Range(1, 3).Select(e => new EpochMetrics(e, 0, 0, 0, 0, 0, 1))] }),
        _ => throw new ArgumentOutOfRangeException(nameof(variant)),
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Render_EveryVariant_IsWellFormedWithDistinctIdsThatAreFound(string variant)
    {
        XElement html = Parse(Render(variant));
        string[] ids = [.. html.DescendantsAndSelf().Attributes("id").Select(id => id.Value)];
        Assert.Equal(ids.Distinct(), ids);
        string[] references =
        [
            .. html.Descendants().Attributes().Where(a => a.Name.LocalName == "aria-labelledby").Select(a => a.Value),
            .. html.Descendants().Attributes().SelectMany(a => UrlReference().Matches(a.Value)).Select(m => m.Groups[1].Value),
        ];
        Assert.All(references, reference => Assert.Contains(reference, ids));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Render_EveryVariant_LoadsNothingAndRunsNothing(string variant)
    {
        string page = Render(variant);
        XElement html = Parse(page);
        string[] refused = ["script", "iframe", "object", "embed", "link", "img", "image", "use", "base", "form", "a"];
        Assert.DoesNotContain(html.DescendantsAndSelf(), element => refused.Contains(element.Name.LocalName));
        Assert.DoesNotContain(html.DescendantsAndSelf().Attributes(), a => a.Name.LocalName is "src" or "href" or "srcset" or "style" || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.DoesNotMatch(@"@import|url\((?!#)", page);
        // The names of the namespaces of SVG are addresses that nobody calls.
        Assert.DoesNotMatch("https?://(?!www\\.w3\\.org/(2000/svg|1999/xlink)\")", page);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Render_SameInput_SameBytes(string variant) => Assert.Equal(Render(variant), Render(variant));

    [Theory]
    [MemberData(nameof(Variants))]
    public void Render_Tables_HaveCaptionsScopesAndFullRows(string variant) => Assert.All(Parse(Render(variant)).Descendants("table"), table =>
    {
        Assert.NotEmpty(table.Element("caption")!.Value);
        int columns = table.Descendants("thead").Descendants("th").Count();
        Assert.All(table.Descendants("tr"), row => Assert.Equal(columns, row.Elements().Count()));
        Assert.All(table.Descendants("th"), head => Assert.Contains(head.Attribute("scope")!.Value, (string[])["col", "row"]));
    });

    [Theory]
    [MemberData(nameof(Variants))]
    public void Render_Charts_HaveNamesAndWordsInsideTheirBox(string variant) => Assert.All(Parse(Render(variant)).Descendants("figure").Elements(Svg + "svg"), chart =>
    {
        Assert.Equal("img", chart.Attribute("role")!.Value);
        Assert.NotEmpty(chart.Element(Svg + "title")!.Value);
        double[] box = [.. chart.Attribute("viewBox")!.Value.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        XElement[] words = [.. chart.Descendants(Svg + "text")];
        Assert.True(words.Length > 4);
        Assert.All(words, word =>
        {
            Assert.InRange((double)word.Attribute("x")!, 0, box[2]);
            Assert.InRange((double)word.Attribute("y")!, 0, box[3]);
        });
        // Ticks of the horizontal axis keep apart: 8 units a digit is more than any sans-serif takes.
        XElement[] ticks = [.. words.Where(word => word.Attribute("text-anchor")!.Value == "middle").SkipLast(1)];
        Assert.All(ticks.Zip(ticks.Skip(1)), pair =>
            Assert.True((double)pair.Second.Attribute("x")! - (double)pair.First.Attribute("x")! > 4 * (pair.First.Value.Length + pair.Second.Value.Length), $"{pair.First} and {pair.Second}"));
    });

    /// <summary>Places are measured by the chart's own ticks: two labels of the vertical axis, and those of the horizontal one, which has a tick at each value.</summary>
    [Fact]
    public void Render_Full_OwnLineOfTheFirstChartGoesThroughItsValues()
    {
        XElement chart = Parse(Render("full")).Descendants("figure").First().Element(Svg + "svg")!;
        // What lies on top comes last: the line, then its markers.
        string[] commands = [.. chart.Element(Svg + "svg")!.Elements(Svg + "path").Select(path => path.Attribute("d")!.Value).TakeLast(2)];
        double[][] line = Places(commands[0]);
        XElement[] words = [.. chart.Descendants(Svg + "text")];
        double[] xs = [.. words.Where(word => word.Attribute("text-anchor")!.Value == "middle").SkipLast(1).Select(word => (double)word.Attribute("x")!)];
        (double Value, double Y)[] ticks = [.. words.Where(word => word.Attribute("text-anchor")!.Value == "end").Select(word => (double.Parse(word.Value, CultureInfo.InvariantCulture), (double)word.Attribute("y")! - 4.5))];
        double slope = (ticks[^1].Y - ticks[0].Y) / (ticks[^1].Value - ticks[0].Value);
        double[] recalls = [.. ReportFixture.Evaluation().Comparison.Figures.Where(f => f.Figures.Cost.Method == "pursuit codes").Select(f => f.Figures.Recall10)];
        Assert.Equal(ReportFixture.Budgets.Count, recalls.Length);
        Assert.Equal(xs, line.Select(place => place[0]), (a, b) => Math.Abs(a - b) < 0.02);
        Assert.Equal(recalls.Select(recall => ticks[0].Y + ((recall - ticks[0].Value) * slope)), line.Select(place => place[1]), (a, b) => Math.Abs(a - b) < 0.02);
        Assert.Equal(line, Places(commands[1]));
    }

    /// <summary>Where absolute commands lead to.</summary>
    private static double[][] Places(string commands) =>
        [.. Place().Matches(commands).Select(match => new[] { double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) })];

    [Fact]
    public void Render_Full_HasItsSectionsInOrder() => Assert.Equal(
        ["Recall by bytes", "Every method at every budget", "Recall by active components", "Prefixes", "Use of latents", "Training", "Labels", "Example neighbours", "The exact recipe", "How the figures were measured"],
        Parse(Render("full")).Descendants("h2").Select(h => h.Value));

    [Fact]
    public void Render_Verdict_IsTheSummaryInTheFirstParagraphs()
    {
        EvaluationSummary summary = EvaluationSummary.Of(ReportFixture.Evaluation());
        Assert.Equal([summary.Verdict, summary.Recommendation], Parse(Render("full")).Descendants("p").Take(2).Select(p => p.Value));
        Assert.Contains("Nothing was evaluated", Parse(Render("nothing evaluated")).Descendants("p").First().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_KeyTable_SaysWonTiedAndLostWithTheFiguresOfMetricsJson()
    {
        EvaluationReport evaluation = ReportFixture.Evaluation();
        // As metrics.json has it: whatever the page shows must be there.
        ModelMetrics stored = JsonSerializer.Deserialize<ModelMetrics>(JsonSerializer.Serialize(ReportFixture.Metrics(evaluation), Json.Indented), Json.Compact)!;
        string page = ReportPage.Render(ReportFixture.Manifest(), stored);
        Assert.Equal(Render("full"), page);
        string[][] rows = [.. Parse(page).Descendants("table").First().Element("tbody")!.Elements("tr").Select(row => row.Elements().Select(cell => cell.Value).ToArray())];
        Assert.Equal(["16", "0.634", "0.977", "won", "bit-allocated PCA", "0.597", "+0.037", "+0.025 to +0.049"], rows[0]);
        Assert.Equal(["won", "won", "tied", "lost", "lost"], rows.Select(row => row[3]));
        Assert.Equal("−0.029 to −0.005", rows[4][7]);
    }

    [Fact]
    public void Render_MethodTables_HoldEveryMethodOfEveryBudget()
    {
        ComparisonTable comparison = ReportFixture.Evaluation().Comparison;
        XElement[] rows = [.. Parse(Render("full")).Descendants("table").Where(table => table.Element("caption")!.Value.EndsWith(" bytes a vector", StringComparison.Ordinal)).SelectMany(table => table.Element("tbody")!.Elements("tr"))];
        Assert.Equal(comparison.Figures.Count, rows.Length);
        Assert.Equal(ReportFixture.Budgets.Count, rows.Count(row => row.Attribute("class")?.Value == "own"));
        XElement chart = Parse(Render("full")).Descendants("figure").First();
        Assert.Equal(comparison.Figures.Select(f => f.Figures.Cost.Method).Distinct().Count(), chart.Descendants("li").Count());
    }

    [Theory]
    [InlineData(0.4, 0.05, "loss", "0.1,0.2,0.3,0.4")]
    [InlineData(0.4, 0.03, "loss, logarithmic", "0.05,0.1,0.2")]
    [InlineData(160, 0.7, "loss, logarithmic", "1,2,5,10,20,50,100")]
    [InlineData(200_000, 0.9, "loss, logarithmic", "1,10,100,1000,1E+04,1E+05")]
    [InlineData(160, 0, "loss", "0,50,100,150")]
    public void Render_Losses_AreLogarithmicWhereTheyFallTenfold(double first, double last, string title, string ticks)
    {
        EpochMetrics[] history = [.. Enumerable.Range(1, 12).Select(e => new EpochMetrics(e, e == 1 ? first : last, e == 1 ? first : last, 0, 0, 0, 1))];
        XElement figure = Parse(ReportPage.Render(ReportFixture.Manifest(), ReportFixture.Metrics() with { History = history, BestEpoch = 12 })).Descendants("figure").Single();
        XElement[] words = [.. figure.Descendants(Svg + "text")];
        Assert.Contains(title, words.Select(word => word.Value));
        XElement[] labels = [.. words.Where(word => word.Attribute("text-anchor")!.Value == "end" && double.TryParse(word.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _))];
        Assert.Equal(ticks.Split(','), labels.Select(word => word.Value));
        // A line of words is 13 units high.
        Assert.All(labels.Zip(labels.Skip(1)), pair => Assert.True((double)pair.First.Attribute("y")! - (double)pair.Second.Attribute("y")! > 14, $"{pair.First} and {pair.Second}"));
    }

    [Fact]
    public void Render_MethodAndComponentTables_SayHowManyComponentsAreActive()
    {
        XElement[] tables = [.. Parse(Render("full")).Descendants("table")];
        string[] own = [.. tables.Single(table => table.Element("caption")!.Value == "32 bytes a vector").Descendants("tr").Single(row => row.Attribute("class")?.Value == "own").Elements().Select(cell => cell.Value)];
        Assert.Equal(["18", "17.5"], own[8..10]);
        XElement byK = tables.Single(table => table.Element("caption")!.Value == "Figures by k");
        Assert.Equal(["L0 pursuit", "L0 encoder"], byK.Descendants("th").Select(head => head.Value).Where(head => head.StartsWith("L0", StringComparison.Ordinal)));
        Assert.Equal(["8.0", "7.6"], byK.Element("tbody")!.Elements("tr").First().Elements().TakeLast(2).Select(cell => cell.Value));
    }

    [Fact]
    public void Render_Prefixes_EndWithAllLatents()
    {
        XElement table = Parse(Render("full")).Descendants("table").Single(table => table.Element("caption")!.Value == "recall@10 by prefix");
        string[] last = [.. table.Element("tbody")!.Elements("tr").Last().Elements().Select(cell => cell.Value)];
        Assert.Equal(["1,536", "100.0 %", "0.600", "0.770"], last);
    }

    [Fact]
    public void Render_Recipe_ListsEveryFieldAndTheHashes()
    {
        ModelManifest manifest = ReportFixture.Manifest();
        Dictionary<string, string> shown = Parse(Render("full")).Descendants("div").Where(div => div.Attribute("class")?.Value == "wrap").Descendants("tbody").Elements("tr")
            .ToDictionary(row => row.Elements().First().Value, row => row.Elements().Last().Value);
        foreach (JsonProperty field in JsonSerializer.SerializeToElement(manifest.Recipe.Recipe, Json.Compact).EnumerateObject())
            Assert.True(shown.ContainsKey($"recipe.{field.Name}"), field.Name);
        Assert.Equal("8, 32", shown["recipe.trainKs"]);
        Assert.Equal(manifest.ContentHash, shown["content, SHA-256"]);
        Assert.Equal("0.107.0", shown["torchsharp"]);
    }

    [Fact]
    public void Render_TextsOfUsers_AreEscapedCutAndKeptInTheirDirection()
    {
        string[] texts = ["<script>alert(1)</script><b a='\"'>&amp;", "שלום \u202E abc", "👩‍👩‍👧‍👦 family", new string('x', 4000), string.Concat(Enumerable.Repeat("👩‍👩‍👧‍👦", 400)), "a\0b\u0001\r\nc\uFFFF\uD800", ""];
        ExampleNeighbour[] neighbours = [.. texts.Select(text => new ExampleNeighbour(text, 0.5f, false))];
        EvaluationReport evaluation = ReportFixture.Evaluation() with { Examples = [new ExampleNeighbours(texts[0], neighbours, [new ExampleRanking(32, neighbours)])] };
        string page = ReportPage.Render(ReportFixture.Manifest() with { ParentModel = texts[0] }, ReportFixture.Metrics(evaluation));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        XElement html = Parse(page);
        string[] shown = [.. html.Descendants("article").Descendants("ol").First().Descendants("bdi").Select(text => text.Value)];
        Assert.Equal(texts[..3], shown[..3]);
        Assert.Equal(new string('x', 160) + "…", shown[3]);
        Assert.Equal(string.Concat(Enumerable.Repeat("👩‍👩‍👧‍👦", 116)) + "…", shown[4]);
        Assert.Equal("a b   c \uFFFD", shown[5]);
        Assert.All(html.Descendants("bdi"), text => Assert.Equal("auto", text.Attribute("dir")!.Value));
    }

    [Fact]
    public void Render_Neighbours_AreMarkedByMoreThanColour()
    {
        XElement[] marks = [.. Parse(Render("full")).Descendants("span").Where(span => span.Attribute("class")?.Value == "mark")];
        Assert.All(marks, mark => Assert.Equal(mark.Value == "✓" ? "true neighbour" : "not a true neighbour", mark.Attribute("aria-label")!.Value));
        Assert.Contains(marks, mark => mark.Value == "✗");
    }

    [Theory]
    [InlineData("small", "training saw these rows")]
    [InlineData("small", "trains no prefixes")]
    [InlineData("small", "The rows have no texts")]
    [InlineData("small", "The rows have no labels")]
    [InlineData("small", "256 bytes: a full vector takes no more.")]
    [InlineData("small", "not known")]
    [InlineData("seed", "As it should be: the two cosines are equal exactly")]
    [InlineData("seed", "rebuild nothing")]
    [InlineData("seed", "100 epochs")]
    [InlineData("small", "1 epoch,")]
    [InlineData("wrong labels", "labels.csv has 7 rows.")]
    [InlineData("nothing evaluated", "there is no curve")]
    public void Render_WhatIsMissing_IsSaid(string variant, string said) => Assert.Contains(said, Parse(Render(variant)).Value, StringComparison.Ordinal);

    [Theory]
    [InlineData(188, "equal exactly where no code")]
    [InlineData(189, "in 1 pair more")]
    [InlineData(187, "fewer pairs are")]
    public void Render_NotebookChecks_SayWhatTheCountsMean(int equal, string said)
    {
        EvaluationReport seed = ReportFixture.OfSeed();
        string page = ReportPage.Render(ReportFixture.Manifest("seed"), ReportFixture.Metrics(seed with { Notebook = seed.Notebook! with { EqualPairs = equal } }));
        Assert.Contains(said, Parse(page).Value, StringComparison.Ordinal);
    }

    private static XElement Parse(string page)
    {
        using XmlReader reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader).Root!;
    }

    [GeneratedRegex(@"[ML](-?[\d.]+) (-?[\d.]+)")]
    private static partial Regex Place();

    [GeneratedRegex(@"url\(#([^)]+)\)")]
    private static partial Regex UrlReference();
}
