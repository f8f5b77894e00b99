namespace HierEmbed.Benchmarks.Measuring;

/// <summary>Benchmarks of one subject.</summary>
internal interface ISection
{
    /// <summary>What <c>bash tests/benchmarks.sh NAME</c> calls it.</summary>
    string Name { get; }

    /// <summary>Measures, and says what it found while it goes.</summary>
    Task RunAsync(BenchmarkReport report);
}
