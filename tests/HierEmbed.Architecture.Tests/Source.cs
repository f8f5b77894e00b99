using System.Reflection;
using System.Text.RegularExpressions;
using HierEmbed.Core.Errors;
using HierEmbed.Pipeline;
using HierEmbed.Serving.Http;
using HierEmbed.Storage;
using HierEmbed.Training;

namespace HierEmbed.Architecture.Tests;

/// <summary>The program's assemblies, and its source files.</summary>
internal static partial class Source
{
    public static IReadOnlyList<Assembly> Assemblies { get; } =
    [
        typeof(ProblemType).Assembly, typeof(IArtifactStore).Assembly, typeof(Trainer).Assembly, typeof(ApiRoutes).Assembly,
        typeof(HierEmbedPipeline).Assembly, Assembly.Load("hierembed"), Assembly.Load("HierEmbed.Functions"),
    ];

    /// <summary>Every type that was written: neither the compiler's nor the protobuf compiler's.</summary>
    public static IEnumerable<Type> Types => Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(IsWritten);

    public static string Folder { get; } = Path.Combine(RepositoryRoot(), "src");

    /// <summary>Files of C# that belong to the program.</summary>
    public static IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
        .Where(path => !NotTheProgram().IsMatch(path.Replace('\\', '/')));

    public static bool IsWritten(Type type) =>
        type.Name != "Program" && !type.Name.Contains('<', StringComparison.Ordinal) && type.Namespace is { } name
        && name.StartsWith("HierEmbed.", StringComparison.Ordinal) && name != "HierEmbed.Training.Export.Onnx" && !IsGenerated(type);

    private static bool IsGenerated(Type type) =>
        type.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is not null
        || type.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is not null
        || typeof(Google.Protobuf.IMessage).IsAssignableFrom(type)
        || (type.DeclaringType is { } outer && IsGenerated(outer));

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HierEmbed.Functions.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run from below the repository.");
    }

    // What a build makes, and what takes part in the build alone.
    [GeneratedRegex("/(bin|obj|Build)/")]
    private static partial Regex NotTheProgram();
}
