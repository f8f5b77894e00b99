using System.Reflection;

namespace HierEmbed.Functions.Tests.PackagesOnly;

/// <summary>Needs the real SDK beside the stand-in: every declaration of the stand-in is one of the SDK's.</summary>
public sealed class StandinTests
{
    private static readonly Assembly Standin = Assembly.Load("HierEmbed.Functions.Standin");

    private static readonly Assembly[] Sdk =
    [
        .. from file in Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
           let name = Path.GetFileNameWithoutExtension(file)
           where name.StartsWith("Microsoft.Azure.Functions.Worker", StringComparison.Ordinal) || name.StartsWith("Microsoft.DurableTask", StringComparison.Ordinal) || name == "DurableTask.Core"
           select Assembly.Load(name),
    ];

    public static TheoryData<string> Types => [.. Standin.GetExportedTypes().Select(type => type.Name)];

    public static TheoryData<Type, Type> DifferentTypes => new()
    {
        { typeof(CraftedDeclarations.OnMethodsAttribute), typeof(CraftedDeclarations.OnParametersAttribute) },
        { typeof(CraftedDeclarations.OnMethodsAttribute), typeof(CraftedDeclarations.AbstractAttribute) },
        { typeof(CraftedDeclarations.OnMethodsAttribute), typeof(CraftedDeclarations.DerivedAttribute) },
        { typeof(CraftedDeclarations.Small), typeof(CraftedDeclarations.Usual) },
        { typeof(CraftedDeclarations.Any<>), typeof(CraftedDeclarations.AnyClass<>) },
        { typeof(CraftedDeclarations), typeof(CraftedDeclarations.OnMethodsAttribute) },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Type_IsDeclaredAsInTheSdk(string name)
    {
        Type standin = Standin.GetExportedTypes().Single(type => type.Name == name);
        Type real = Assert.Single(Sdk.Select(assembly => assembly.GetType(standin.FullName!)).OfType<Type>(), type => type.IsPublic);
        Assert.Equal(Signatures.OfType(real), Signatures.OfType(standin));
        Assert.Empty(Signatures.OfMembers(standin).Except(Signatures.OfMembers(real)));
    }

    [Theory]
    [MemberData(nameof(DifferentTypes))]
    public void Signatures_OfCraftedTypes_Differ(Type one, Type other) => Assert.NotEqual(Signatures.OfType(one), Signatures.OfType(other));

    [Fact]
    public void Signatures_OfCraftedMembers_AllDiffer()
    {
        string[] others = [.. Signatures.OfMembers(typeof(CraftedDeclarations.Other)).Where(line => !line.Contains(".ctor", StringComparison.Ordinal))];
        // A property that differs by its setter: the rest of it does not.
        Assert.Equal(["public System.Int32 get_Setter()", "property System.Int32 Setter"], others.Intersect(Signatures.OfMembers(typeof(CraftedDeclarations.One))));
        Assert.Equal(18, others.Length);
    }
}
