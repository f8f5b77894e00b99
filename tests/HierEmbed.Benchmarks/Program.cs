using HierEmbed.Benchmarks;

switch (args)
{
    case ["readers"]:
        ReaderBenchmarks.Run();
        return 0;
    default:
        Console.Error.WriteLine("usage: bash tests/benchmarks.sh readers");
        return 2;
}
