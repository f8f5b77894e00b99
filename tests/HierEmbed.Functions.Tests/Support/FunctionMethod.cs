using System.Reflection;
using HierEmbed.Functions.Workflows;
using Microsoft.Azure.Functions.Worker;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>One function of the app, as its attributes declare it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Method">What runs.</param>
internal sealed record FunctionMethod(string Name, MethodInfo Method)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<FunctionMethod> All { get; } =
    [
        .. from type in typeof(StepFunctions).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           select new FunctionMethod(function.Name, method),
    ];

    /// <summary>Those with a trigger of one kind, with the trigger.</summary>
    public static IReadOnlyList<(FunctionMethod Function, T Trigger)> With<T>()
        where T : Attribute =>
        [.. from function in All from parameter in function.Method.GetParameters() let trigger = parameter.GetCustomAttribute<T>() where trigger is not null select (function, trigger)];
}
