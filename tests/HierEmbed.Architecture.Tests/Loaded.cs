using ArchUnitNET.Loader;

namespace HierEmbed.Architecture.Tests;

/// <summary>The program and this test assembly, read once: the reading takes seconds.</summary>
internal static class Loaded
{
    public static ArchUnitNET.Domain.Architecture Architecture { get; } =
        new ArchLoader().LoadAssemblies([.. Source.Assemblies, typeof(Loaded).Assembly]).Build();
}
