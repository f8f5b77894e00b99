using HierEmbed.Benchmarks;
using HierEmbed.Benchmarks.Measuring;

// Those that belong to the budgets, in the order of the report; the last ones take long and run when they are named.
ISection[] budgets = [new EncodingBenchmark(), new SearchBenchmark()], others = [new ReaderBenchmarks(), new PursuitBenchmark()];
ISection[] sections = [.. budgets, .. others];

switch (args)
{
    case ["fit", var storage, var dataset]:
        await LargeDatasets.FitAsync(storage, dataset);
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
        var report = new BenchmarkReport();
        foreach (ISection section in sections.Where(s => args is [] || s.Name == args[0]))
            await section.RunAsync(report);
        if (args is [])
            Results.Write(report);
        return 0;
    default:
        Console.Error.WriteLine($"usage: bash tests/benchmarks.sh [{string.Join(" | ", sections.Select(s => s.Name))} | memory | past-memory]");
        return 2;
}
