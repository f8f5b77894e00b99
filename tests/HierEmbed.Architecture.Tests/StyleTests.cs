using HierEmbed.Architecture.Tests.Crafted;

namespace HierEmbed.Architecture.Tests;

public sealed class StyleTests
{
    [Fact]
    public void Classes_AreSealedUnlessDerivedFrom() => Assert.Empty(StyleRules.NotSealed([.. Source.Types]));

    [Fact]
    public void Sealed_CraftedViolation_IsFound() =>
        Assert.Equal([$"{typeof(NotSealed)} is neither sealed nor derived from"], StyleRules.NotSealed([typeof(NotSealed), typeof(HasAHeir), typeof(Heir)]));

    [Fact]
    public void Statics_DoNotChange() => Assert.Empty(StyleRules.MutableStatics(Source.Types));

    [Fact]
    public void Statics_CraftedViolations_AreFound()
    {
        string[] found = [.. StyleRules.MutableStatics([typeof(HasMutableStatics)])];
        Assert.Equal(3, found.Length);
        Assert.Contains(found, line => line.Contains("Count", StringComparison.Ordinal));
        Assert.Contains(found, line => line.Contains("Cache", StringComparison.Ordinal));
        Assert.Contains(found, line => line.Contains("Name", StringComparison.Ordinal));
    }

    [Fact]
    public void Files_DeclareOnePublicType()
    {
        Assert.NotEmpty(Source.Files);
        Assert.Empty(Source.Files.SelectMany(path => StyleRules.SecondPublicTypes(Path.GetRelativePath(Source.Folder, path), File.ReadAllText(path))));
    }

    [Theory]
    [InlineData("public sealed class A;\n\npublic sealed class B;\n", 1)]
    [InlineData("public sealed record A(int X);\npublic enum B { X }\n", 1)]
    [InlineData("public sealed class A\n{\n    public sealed record Inner;\n}\n", 0)]
    [InlineData("public sealed class A<T>;\npublic static class A;\n", 0)]
    [InlineData("public sealed record FitInput(int X);\npublic sealed record Fit(int X);\npublic sealed class FitStep;\n", 0)]
    [InlineData("public sealed record FitInput(int X);\npublic sealed class FitStep;\npublic sealed class Other;\n", 1)]
    [InlineData("internal sealed class A;\npublic sealed class B;\n", 0)]
    public void OnePublicType_CraftedFile_IsJudged(string text, int violations) =>
        Assert.Equal(violations, StyleRules.SecondPublicTypes("Crafted.cs", text).Count());
}
