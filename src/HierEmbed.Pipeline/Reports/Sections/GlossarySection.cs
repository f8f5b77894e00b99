namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>How each figure was measured.</summary>
internal static class GlossarySection
{
    private static readonly (string Term, string Meaning)[] Terms =
    [
        ("recall@10, @100", "Share of a query's ten (hundred) nearest rows by exact cosine of full vectors that the first ten (hundred) by codes hold, a mean over queries. A query is left out of its own answer."),
        ("rerank", "The first 50, 100 or 200 by codes are sorted again by full cosine. recall@10 after it is the share of the true ten that the shortlist holds; it needs the full vectors of the shortlist alone. No figure where there are no more rows than the shortlist."),
        ("asymmetric", "A dense query against a stored code: the cosine of the query and the vector that the code rebuilds. Every method here is scored so, but for code cosine, and for the encoder codes of a model that rebuilds no vectors."),
        ("code cosine", "The cosine of two encoder codes, as the route similarity returns it."),
        ("calibrated", "Only the full cosine is. Scores of codes order neighbours; their values mean nothing across models, budgets or k."),
        ("Spearman", "Rank correlation of scores with full cosine over a sample of pairs of queries and rows: 1 where both order them alike."),
        ("FVU", "Fraction of variance unexplained: squared error of rebuilt rows over the variance of the rows, both of unit length. Lower is better; 0 rebuilds all, 1 is no better than the mean."),
        ("k, L0", "k is the most active components that a code keeps, L0 the mean number that it has."),
        ("dead latent", "A latent that no test row activates."),
        ("won, tied, lost", "By the 95 % interval of the mean difference of recall@10, resampled over the same queries (paired bootstrap). Tied is an interval that holds 0: neither is shown to be better."),
        ("bytes a vector", "Everything stored for a row: indices, values, scales. Ids and full vectors for the rerank are not counted."),
        ("baselines", "Fitted on the training rows, at the same bytes: truncation (the first dims), sign bits and ITQ (bits against the float query), signed PCA (the largest components by magnitude), bit-allocated PCA, PQ (product quantization)."),
        ("labels", "Logistic regression and the nearest neighbour learn from training rows and are tried on test rows. ARI compares k-means clusters with the classes, 0 by chance and 1 alike; silhouette says how apart the clusters are, from −1 to 1."),
    ];

    public static void Write(HtmlWriter page, ReportInput input)
    {
        page.BeginSection("measured", "How the figures were measured");
        if (input.Evaluation is { } evaluation)
            page.Element("p", $"{Shown.Count(evaluation.Queries)} queries drawn from {Shown.Count(evaluation.TestRows)} test rows; baselines and levels fitted on {Shown.Count(evaluation.FittedRows)} training rows; a dictionary is shared by {Shown.Count(evaluation.StoredRows)} stored rows. Every figure is in metrics.json beside this page.");
        if (input.Evaluation is { LeftOut.Count: > 0 } partly)
        {
            page.Element("p", "Left out:").Markup("<ul>\n");
            foreach (string reason in partly.LeftOut)
                page.Element("li", reason);
            page.Markup("</ul>\n");
        }
        page.Markup("<dl class=\"glossary\">\n");
        foreach ((string term, string meaning) in Terms)
            page.Element("dt", term).Element("dd", meaning);
        page.Markup("</dl>\n").EndSection();
    }
}
