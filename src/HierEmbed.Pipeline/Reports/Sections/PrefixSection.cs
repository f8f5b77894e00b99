using HierEmbed.Core.Evaluation;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>What leading latents are worth alone.</summary>
internal static class PrefixSection
{
    public static void Write(HtmlWriter page, ReportInput input, EvaluationReport evaluation)
    {
        page.BeginSection("prefixes", "Prefixes");
        if (evaluation.Prefixes.Count == 0)
        {
            page.Element("p", $"Recipe {input.Manifest.Recipe.Recipe.Name} trains no prefixes: its first latents are not meant to serve alone.").EndSection();
            return;
        }
        int all = input.Manifest.Recipe.LatentDims;
        int[] ks = [.. evaluation.Prefixes.Select(p => p.K).Distinct().Order()];
        page.Element("p", "Pursuit codes that may use only the first latents, scored against dense queries: how far a smaller dictionary or a shorter dense export goes.");
        new ReportTable("recall@10 by prefix",
            [new("first latents"), new("share of all"), .. ks.Select(k => new Column($"k={k}"))])
        {
            Rows = (from prefix in evaluation.Prefixes
                    group prefix by prefix.Latents into latents
                    orderby latents.Key
                    select Row(latents.Key, k => latents.FirstOrDefault(p => p.K == k)?.Recall10))
                .Append(Row(all, k => evaluation.ByK.FirstOrDefault(at => at.K == k)?.Pursuit?.Recall10)),
        }.WriteTo(page);
        page.EndSection();

        string[] Row(int latents, Func<int, double?> recall) =>
            [Shown.Count(latents), Shown.Percent((double)latents / all), .. ks.Select(k => Shown.Share(recall(k)))];
    }
}
