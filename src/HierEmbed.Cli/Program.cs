using System.CommandLine;
using System.Runtime.InteropServices;
using HierEmbed.Cli;
using HierEmbed.Cli.Commands;
using HierEmbed.Cli.Output;
using HierEmbed.Core;
using HierEmbed.Core.Errors;

// Here, because the first to open a session may be a training.
OnnxTelemetry.TurnOff();
// Here, because nothing else runs yet.
TorchMemory.UseLargePages();

var root = new RootCommand("Short sparse codes for dense embeddings: train on your files, encode, compare, serve.")
{
    DemoCommand.Create(), ServeCommand.Create(), InspectCommand.Create(), TrainCommand.Create(), EncodeCommand.Create(), EvaluateCommand.Create(),
    SearchCommand.Create(),
};
HelpWithExamples.AddTo(root, new Dictionary<string, string[]>
{
    [string.Empty] = ["demo", "train vectors.npy --out model", "encode model vectors.npy --k 32 --out codes.npz"],
    ["demo"] = ["demo", "demo --port 7071 --keep"],
    ["serve"] = ["serve --storage storage", "serve --storage https://account.blob.core.windows.net --urls http://127.0.0.1:8080"],
    ["inspect"] = ["inspect vectors.npy", "inspect embeddings/ --json"],
    ["train"] = ["train vectors.npy --out model", "train embeddings/ --out model --recipe sparse --set epochs=20 trainKs=16 --seed 7"],
    ["encode"] = ["encode model vectors.npy --k 32 --out codes.npz", "encode model a.npy b.npy --k 8 --out codes.jsonl", "encode model vectors.npy --bytes 32 --out vectors.codes"],
    ["evaluate"] = ["evaluate model vectors.npy", "evaluate model new.npy --fit-on vectors.npy --min-recall 0.9@32B", "evaluate model vectors.jsonl --bytes 16,32 --json"],
    ["search"] = ["search model --corpus vectors.jsonl --queries queries.npy --bytes 32", "search model --corpus vectors.jsonl --query-id doc-7 --top 5", "search model --corpus vectors.codes --vectors vectors.npy --query-row 12 --json"],
});

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    // The first signal asks; a second one, unhandled, ends the process at once. Nothing stored is harmed by that either.
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
{
    foreach (string message in parsed.Errors.Select(e => e.Message).Distinct())
        Console.Error.WriteLine($"error: {message}");
    Console.Error.WriteLine($"Run \"hierembed {(parsed.CommandResult.Command == root ? string.Empty : parsed.CommandResult.Command.Name + " ")}--help\" to see what it takes.");
    return ExitCode.Usage;
}
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
}
catch (UsageException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return ExitCode.Usage;
}
catch (HierEmbedException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return e.Type.Status is >= 400 and < 500 ? ExitCode.BadData : ExitCode.Failed;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("cancelled");
    return ExitCode.Cancelled;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return ExitCode.Failed;
}
catch (Exception e)
{
    // A fault of the program: what is needed to report it, and an exit code rather than a core dump.
    Console.Error.WriteLine($"error: {e}");
    return ExitCode.Failed;
}
