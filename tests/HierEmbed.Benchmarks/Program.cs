using HierEmbed.Benchmarks;

switch (args)
{
    case []:
        ReaderBenchmarks.Run();
        PursuitBenchmark.Run();
        await SearchBenchmark.RunAsync();
        LargeDatasets.Memory();
        LargeDatasets.PastMemory();
        return 0;
    case ["readers"]:
        ReaderBenchmarks.Run();
        return 0;
    case ["pursuit"]:
        PursuitBenchmark.Run();
        return 0;
    case ["search"]:
        await SearchBenchmark.RunAsync();
        return 0;
    case ["memory"]:
        LargeDatasets.Memory();
        return 0;
    case ["past-memory"]:
        LargeDatasets.PastMemory();
        return 0;
    case ["fit", var storage, var dataset]:
        await LargeDatasets.FitAsync(storage, dataset);
        return 0;
    default:
        Console.Error.WriteLine("usage: bash tests/benchmarks.sh readers | pursuit | search | memory | past-memory");
        return 2;
}
