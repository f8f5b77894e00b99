using System.Reflection;
using System.Runtime.CompilerServices;

namespace HierEmbed.Functions.Tests.PackagesOnly;

/// <summary>What a type declares, as lines of text: types of two assemblies are never equal, their declarations may be.</summary>
internal static class Signatures
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The type itself but for its name: kind, type parameters, base type, an enum's numbers, where an attribute may stand.</summary>
    public static IEnumerable<string> OfType(Type type)
    {
        string kind = type.IsInterface ? "interface" : type.IsEnum ? "enum" : type.IsValueType ? "struct" : "class";
        yield return $"{(type.IsAbstract ? "abstract " : "")}{(type.IsSealed ? "sealed " : "")}{kind}{TypeParameters(type.GetGenericArguments())}";
        yield return $"base {(type.BaseType is { } parent ? Name(parent) : "none")}";
        yield return $"numbers {(type.IsEnum ? Name(type.GetEnumUnderlyingType()) : "none")}";
        foreach (CustomAttributeData attribute in type.GetCustomAttributesData().Where(a => a.AttributeType.Name is nameof(AttributeUsageAttribute) or nameof(IsReadOnlyAttribute)))
            yield return $"[{attribute.AttributeType.Name} {string.Join(", ", attribute.ConstructorArguments)} {string.Join(", ", attribute.NamedArguments.Select(a => a.ToString()).Order())}]";
    }

    /// <summary>Its interfaces, and the members that it declares for others and for heirs.</summary>
    public static IEnumerable<string> OfMembers(Type type) =>
    [
        .. type.GetInterfaces().Select(face => $"implements {Name(face)}"),
        .. type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly).Select(Field),
        .. type.GetConstructors(Declared).Cast<MethodBase>().Concat(type.GetMethods(Declared)).Where(IsVisible).Select(Method),
        // Types and modifiers are those of the accessors, which are methods; a property adds its nullability.
        .. type.GetProperties(Declared).Where(p => p.GetAccessors(nonPublic: true).Any(IsVisible)).Select(p => $"property {Name(p.PropertyType)}{Nullability(new NullabilityInfoContext().Create(p))} {p.Name}"),
    ];

    // What cannot be written, such as a record's copying, follows the framework that it was compiled for.
    private static bool IsVisible(MethodBase method) => (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && !method.Name.StartsWith('<');

    private static string Field(FieldInfo field) =>
        $"{(field.IsPublic ? "public" : "protected")}{(field.IsStatic ? " static" : "")} {Name(field.FieldType)} {field.Name}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")}";

    private static string Method(MethodBase method)
    {
        string access = method.IsPublic ? "public" : "protected";
        bool isFirst = method is MethodInfo declared && declared.GetBaseDefinition() == declared;
        string kind = method.IsStatic ? " static" : method.IsAbstract ? " abstract" : !method.IsVirtual || method.IsFinal ? "" : isFirst ? " virtual" : " override";
        string result = method is MethodInfo info ? Parameter(info.ReturnParameter) : "";
        string typeParameters = method.IsGenericMethod ? TypeParameters(method.GetGenericArguments()) : "";
        string extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return $"{access}{kind} {result}{method.Name}{typeParameters}({extension}{string.Join(", ", method.GetParameters().Select(Parameter))})";
    }

    private static string Parameter(ParameterInfo parameter)
    {
        string modifiers = $"{(parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")}{(parameter.IsOut ? "out " : "")}{string.Concat(parameter.GetRequiredCustomModifiers().Select(m => $"{m.Name} "))}";
        string value = parameter.HasDefaultValue ? $" = {parameter.RawDefaultValue ?? "null"}" : "";
        return $"{modifiers}{Name(parameter.ParameterType)}{Nullability(new NullabilityInfoContext().Create(parameter))} {parameter.Name}{value}";
    }

    // "?" may be null, "~" says nothing; in brackets the same for what it is made of.
    private static string Nullability(NullabilityInfo info)
    {
        string own = info.ReadState is NullabilityState.Nullable || info.WriteState is NullabilityState.Nullable ? "?" : info.ReadState is NullabilityState.Unknown ? "~" : "";
        NullabilityInfo[] parts = info.ElementType is { } element ? [element] : info.GenericTypeArguments;
        return parts.Length == 0 ? own : $"{own}({string.Join(',', parts.Select(Nullability))})";
    }

    private static string TypeParameters(Type[] types) =>
        string.Concat(types.Select(t => $" {t.Name}{(t.IsGenericParameter ? $":{t.GenericParameterAttributes}:{string.Join('&', t.GetGenericParameterConstraints().Select(Name))}" : "")}"));

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
            return type.Name;
        if (type.HasElementType)
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : "&");
        string name = $"{type.Namespace}.{type.DeclaringType?.Name}{type.Name}";
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
