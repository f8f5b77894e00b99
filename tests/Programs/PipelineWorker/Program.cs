// An in-process host on a folder that works until nothing is left to do:
//   <root>                  prints how many times it changed the results
//   <root> before <n>       SIGKILLs itself just before its n-th change, counted from 1
//   <root> after <n>        SIGKILLs itself just after it
//   <root> forever          works until it is killed from outside
using System.Diagnostics;
using System.Globalization;
using HierEmbed.Pipeline;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.PipelineWorker;
using Microsoft.Extensions.Logging.Abstractions;

int changes = 0;
string killAt = args.Length > 2 ? args[1] : string.Empty;
int killAtChange = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 0;

HierEmbedPipeline pipeline = SmallRuns.Open(args[0], SmallRuns.ManyPieces, results => new ObservedStore(results)
{
    Before = call => call.Changes && Interlocked.Increment(ref changes) == killAtChange && killAt == "before" ? Kill() : Task.CompletedTask,
    After = call => call.Changes && Volatile.Read(ref changes) >= killAtChange && killAt == "after" ? Kill() : Task.CompletedTask,
});
await using var engine = new InProcessEngine(pipeline, TimeProvider.System, NullLogger.Instance);
engine.Start();
if (args is [_, "forever"])
    await Task.Delay(Timeout.Infinite);
await SmallRuns.WorkedOffAsync(pipeline);
Console.WriteLine(changes.ToString(CultureInfo.InvariantCulture));

static Task Kill()
{
    Process.GetCurrentProcess().Kill();
    return Task.Delay(Timeout.Infinite);
}
