using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace HierEmbed.Architecture.Tests;

/// <summary>The rules of the code's shape, each a function from what is written to its violations.</summary>
internal static partial class StyleRules
{
    private static readonly Type[] MutableCollections =
    [
        typeof(Dictionary<,>), typeof(List<>), typeof(HashSet<>), typeof(Queue<>), typeof(Stack<>), typeof(SortedDictionary<,>), typeof(ConcurrentDictionary<,>), typeof(ConcurrentBag<>), typeof(ConcurrentQueue<>), typeof(StringBuilder),
    ];

    /// <summary>Classes that could be derived from, and are not.</summary>
    public static IEnumerable<string> NotSealed(IReadOnlyCollection<Type> types)
    {
        HashSet<Type> bases = [.. types.Select(type => type.BaseType).OfType<Type>().Select(Definition)];
        return types.Where(type => type is { IsClass: true, IsAbstract: false, IsSealed: false } && !bases.Contains(type)).Select(type => $"{type} is neither sealed nor derived from");
    }

    /// <summary>Static state that can change: a field that is not read-only, a property with a setter, a collection that grows.</summary>
    public static IEnumerable<string> MutableStatics(IEnumerable<Type> types) =>
        types.SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => !field.IsLiteral && (!field.IsInitOnly || MutableCollections.Contains(Definition(field.FieldType))))
            .Select(field => $"{field.DeclaringType}.{field.Name} is static and can change");

    /// <summary>Public types of a file beyond the first. A step's records of what it takes and returns stand beside it, and a generic type beside its maker.</summary>
    public static IEnumerable<string> SecondPublicTypes(string name, string text)
    {
        Match[] found = [.. PublicType().Matches(text).Cast<Match>()];
        bool isStep = found.Any(match => match.Groups["kind"].Value == "class" && match.Groups["name"].Value.EndsWith("Step", StringComparison.Ordinal));
        return found.GroupBy(match => match.Groups["name"].Value)
            .Select(group => group.First())
            .Where(match => !(isStep && match.Groups["kind"].Value == "record"))
            .Skip(1)
            .Select(match => $"{name} declares {match.Groups["name"].Value} beside another public type");
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    // File-scoped namespaces: what begins a line is no nested type.
    [GeneratedRegex(@"^public (?:(?:sealed|static|abstract|readonly|partial|ref) )*(?<kind>class|record|struct|interface|enum) (?:struct |class )?(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();
}
