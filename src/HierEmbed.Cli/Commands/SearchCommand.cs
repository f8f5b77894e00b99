using System.CommandLine;
using System.Text.Json;
using HierEmbed.Cli.Output;
using HierEmbed.Cli.Search;
using HierEmbed.Core;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Search;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed search</c>: nearest rows of a corpus, by a shortlist of codes and a rerank with the full vectors.</summary>
internal static class SearchCommand
{
    private const int DefaultTop = 10, DefaultBytes = 32;

    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Folder of a model, as train --out or the pipeline leaves it." };
        var corpus = new FilesOption("--corpus", "What is searched: embedding files or folders of them, or .codes files of the model.") { Required = true };
        var queries = new FilesOption("--queries", "Embedding files or folders of them; each row is a query.");
        var queryRow = new WholeNumberOption("--query-row", "A row of the corpus is the query, counted from 0 over its files in order; it is left out of what is found.", 0, int.MaxValue);
        var queryId = new Option<string>("--query-id") { Description = "The same, by the row's id.", HelpName = "id" };
        var top = new WholeNumberOption("--top", $"Neighbours of a query (default: {DefaultTop}).", 1, 100_000);
        var k = new WholeNumberOption("--k", "Active components of a code that the corpus is coded with.", 1, int.MaxValue);
        var bytes = new WholeNumberOption("--bytes", $"Bytes of a code instead of --k: as many components as fit (default: {DefaultBytes}).", 1, 65536);
        var coding = new Option<CodeCoding?>("--coding")
        {
            Description = "pursuit: codes that rebuild the rows best, scored against the query's embedding (default). encoder: codes of the model's one matrix product, scored against the query's code.",
            HelpName = "pursuit|encoder",
        };
        var oversampling = new WholeNumberOption("--oversampling", $"Rows in the shortlist for each neighbour (default: {SearchOptions.DefaultOversampling}).", 1, 10_000);
        var rerank = new Option<Rerank?>("--rerank")
        {
            Description = "full: rank the shortlist by the cosine with the full vectors (default where they are known). codes: by the whole codes. none: as the first pass found it, which is rough above 16384 rows.",
            HelpName = "full|codes|none",
        };
        var vectors = new FilesOption("--vectors", "The embedding files that a corpus of .codes was made of, in the same order: for --rerank full, ids and texts.");
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("search", "Find the nearest rows: a shortlist by codes, reranked with the full vectors.")
        {
            model, corpus, queries, queryRow, queryId, top, k, bytes, coding, oversampling, rerank, vectors, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var work = new SearchWork(
                parsed.GetValue(model)!, parsed.GetValue(corpus)!, Given(parsed.GetValue(vectors)), Given(parsed.GetValue(queries)), (int?)parsed.GetValue(queryRow), parsed.GetValue(queryId),
                (int?)parsed.GetValue(k), (int?)parsed.GetValue(bytes), parsed.GetValue(coding), parsed.GetValue(rerank), Settings.Load());
            var options = SearchOptions.Oversampled((int?)parsed.GetValue(top) ?? DefaultTop, (int?)parsed.GetValue(oversampling) ?? SearchOptions.DefaultOversampling);
            SearchAnswers answers = await work.RunAsync(options, DefaultBytes, cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(answers, Json.Compact));
                return ExitCode.Done;
            }
            var tables = new AnswerTables(Consoles.Results);
            foreach (QueryAnswer answer in answers.Results)
                tables.Print(answer);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Null where an option is not there: its value is an empty list then.</summary>
    private static string[]? Given(string[]? files) => files is { Length: > 0 } ? files : null;
}
