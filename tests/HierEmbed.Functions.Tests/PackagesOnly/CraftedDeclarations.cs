namespace HierEmbed.Functions.Tests.PackagesOnly;

/// <summary>Declarations that look alike and are not: each member of <see cref="Other"/> differs from its namesake in one thing.</summary>
internal static class CraftedDeclarations
{
#pragma warning disable CA1822, IDE0060, CA1052 // Written to be looked at.
    internal abstract class One
    {
        public static void Static() => throw new NotSupportedException();

        public void ParameterName(int first) => throw new NotSupportedException();

        public void ParameterType(int value) => throw new NotSupportedException();

        public void ParameterNull(string? value) => throw new NotSupportedException();

        public void InnerNull(Task<string?> value) => throw new NotSupportedException();

        public void DefaultValue(int value = 1) => throw new NotSupportedException();

        public void NoDefault(int value) => throw new NotSupportedException();

        public void Params(params int[] values) => throw new NotSupportedException();

        public void TypeParameter<T>() => throw new NotSupportedException();

        public int Result() => throw new NotSupportedException();

        public virtual void Virtual() => throw new NotSupportedException();

        public abstract void Abstract();

        protected void Access() => throw new NotSupportedException();

        public int Setter { get; set; }

        public string? PropertyNull => null;
    }

    internal abstract class Other
    {
        public void Static() => throw new NotSupportedException();

        public void ParameterName(int second) => throw new NotSupportedException();

        public void ParameterType(long value) => throw new NotSupportedException();

        public void ParameterNull(string value) => throw new NotSupportedException();

        public void InnerNull(Task<string> value) => throw new NotSupportedException();

        public void DefaultValue(int value = 2) => throw new NotSupportedException();

        public void NoDefault(int value = 1) => throw new NotSupportedException();

        public void Params(int[] values) => throw new NotSupportedException();

        public void TypeParameter<T>()
            where T : class => throw new NotSupportedException();

        public long Result() => throw new NotSupportedException();

        public void Virtual() => throw new NotSupportedException();

        public virtual void Abstract() => throw new NotSupportedException();

        public void Access() => throw new NotSupportedException();

        public int Setter { get; init; }

        public string PropertyNull => "";
    }

    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class OnMethodsAttribute : Attribute;

    [AttributeUsage(AttributeTargets.Parameter)]
    internal sealed class OnParametersAttribute : Attribute;

    [AttributeUsage(AttributeTargets.Method)]
    internal abstract class AbstractAttribute : Attribute;

    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class DerivedAttribute : AbstractAttribute;

    internal enum Small : byte
    {
        None,
    }

    internal enum Usual
    {
        None,
    }

    internal sealed class Any<T>;

    internal sealed class AnyClass<T>
        where T : class;
}
