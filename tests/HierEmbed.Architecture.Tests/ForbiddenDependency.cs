using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace HierEmbed.Architecture.Tests;

/// <summary>Types of one place that must not depend on types of another, both as patterns of full names.</summary>
/// <param name="From">Who must not depend.</param>
/// <param name="To">On whom.</param>
internal sealed record ForbiddenDependency(string From, string To)
{
    /// <summary>One line for each type that depends all the same.</summary>
    public IReadOnlyList<string> ViolationsIn(ArchUnitNET.Domain.Architecture architecture)
    {
        var rule = Types().That().HaveFullNameMatching(From)
            .Should().NotDependOnAny(Types(includeReferenced: true).That().HaveFullNameMatching(To)).WithoutRequiringPositiveResults();
        return [.. rule.Evaluate(architecture).Where(result => !result.Passed).Select(result => result.Description)];
    }

    /// <summary>Whether the pattern finds anything: one that finds nothing forbids nothing.</summary>
    public bool FindsIn(ArchUnitNET.Domain.Architecture architecture) =>
        Types().That().HaveFullNameMatching(From).GetObjects(architecture).Any();
}
