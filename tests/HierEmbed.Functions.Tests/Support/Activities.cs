using System.Text.Json;
using HierEmbed.Core;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>Calls activity functions by name, as the host does.</summary>
internal static class Activities
{
    public static Task<JsonElement> CallAsync(App app, string name, JsonElement input)
    {
        FunctionMethod function = FunctionMethod.All.Single(f => f.Name == name);
        return (Task<JsonElement>)function.Method.Invoke(app.Make(function.Method.DeclaringType!), [input, TestContext.Current.CancellationToken])!;
    }

    public static Task<JsonElement> CallAsync<TInput>(App app, string name, TInput input) => CallAsync(app, name, JsonSerializer.SerializeToElement(input, Json.Compact));

    public static async Task<TOutput> CallAsync<TInput, TOutput>(App app, string name, TInput input) =>
        (await CallAsync(app, name, input)).Deserialize<TOutput>(Json.Compact)!;
}
