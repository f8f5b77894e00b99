using HierEmbed.Core.Evaluation;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>The notebook's own checks, for the recipe that reproduces it.</summary>
internal static class NotebookSection
{
    public static void Write(HtmlWriter page, NotebookChecks? checks)
    {
        if (checks is null)
            return;
        page.BeginSection("notebook", "The notebook's checks");
        new ReportTable($"Cosine of the codes of {Shown.Count(checks.Pairs)} pairs of test rows, cut to 64 and to 128 components", new("check", IsNumber: false), new("value"))
        {
            Rows = (string[][])
            [
                ["mean cosine at 64", Shown.Share(checks.MeanAt64)],
                ["mean cosine at 128", Shown.Share(checks.MeanAt128)],
                ["most active components of a row", Shown.Count(checks.MaxActive)],
                ["pairs in which no code has more than 64 active", Shown.Count(checks.PairsOfAtMost64)],
                ["pairs whose two cosines are equal exactly", Shown.Count(checks.EqualPairs)],
            ],
        }.WriteTo(page);
        page.Element("p", Meaning(checks)).EndSection();
    }

    private static string Meaning(NotebookChecks checks) => (checks.EqualPairs - checks.PairsOfAtMost64) switch
    {
        0 => "As it should be: the two cosines are equal exactly where no code has more than 64 active components.",
        > 0 and int more => $"The two cosines are equal where no code has more than 64 active components, as they should be, and in {Shown.Counted(more, "pair")} more, whose further components are too small to tell in float32.",
        _ => "The two cosines should be equal where no code has more than 64 active components; fewer pairs are.",
    };
}
