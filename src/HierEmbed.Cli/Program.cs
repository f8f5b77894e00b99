using System.CommandLine;
using System.Runtime.InteropServices;
using HierEmbed.Cli;
using HierEmbed.Cli.Commands;
using HierEmbed.Core.Errors;

var root = new RootCommand("Short sparse codes for dense embeddings: train on your files, encode, compare, serve.")
{
    DemoCommand.Create(), ServeCommand.Create(), InspectCommand.Create(), TrainCommand.Create(), EncodeCommand.Create(),
};

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
if (parsed.Errors.Count > 0)
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
