using System.Text.Json;
using HierEmbed.Functions.Tests.Support;

namespace HierEmbed.Functions.Tests.PackagesOnly;

/// <summary>Needs the real SDK's build: it writes <c>functions.metadata</c>, by which the host finds the functions.</summary>
public sealed class FunctionMetadataTests
{
    [Fact]
    public void Metadata_ListsEveryFunction()
    {
        using JsonDocument metadata = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "functions.metadata")));
        Assert.Equal(
            FunctionMethod.All.Select(f => $"{f.Name} {f.Method.DeclaringType}.{f.Method.Name}").Order(),
            metadata.RootElement.EnumerateArray().Select(f => $"{f.GetProperty("name").GetString()} {f.GetProperty("entryPoint").GetString()}").Order());
    }
}
