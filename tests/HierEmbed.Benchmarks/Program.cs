using HierEmbed.Benchmarks;
using HierEmbed.Benchmarks.Http;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Benchmarks.Training;
using HierEmbed.Core;

// The budgets in the order of the report; the others run when they are named.
ISection[] budgets = [new TrainingBenchmark(), new EncodingBenchmark(), new SearchBenchmark(), new HttpBenchmark()], others = [new ReaderBenchmarks(), new PursuitBenchmark()];
ISection[] sections = [.. budgets, .. others];

switch (args)
{
    // What a process costs: Http/Starts.
    case ["nothing"]:
        return 0;
    case ["fit", var storage, var dataset]:
        await LargeDatasets.FitAsync(storage, dataset);
        return 0;
    case ["training-memory", var batchRows, var threads, var first, var last]:
        TorchMemory.UseLargePages();
        TrainingMemory.Train(int.Parse(batchRows, null), int.Parse(threads, null), int.Parse(first, null), int.Parse(last, null));
        return 0;
    case ["busy"]:
        BusyCores.Spin();
        return 0;
    case ["first-encode", var folder]:
        await FirstEncode.RunAsync(folder);
        return 0;
    case ["memory"]:
        LargeDatasets.Memory();
        return 0;
    case ["past-memory"]:
        LargeDatasets.PastMemory();
        return 0;
    case [] or [_] when args is [] || sections.Any(s => s.Name == args[0]):
        // As in the product's programs. Processes that are started from here do not inherit it.
        TorchMemory.UseLargePages();
        var report = new BenchmarkReport();
        foreach (ISection section in args is [] ? budgets : sections.Where(s => s.Name == args[0]))
            await section.RunAsync(report);
        if (args is [])
            Results.Write(report);
        return 0;
    default:
        Console.Error.WriteLine($"usage: bash tests/benchmarks.sh [{string.Join(" | ", sections.Select(s => s.Name))} | memory | past-memory]");
        return 2;
}
