using System.Reflection;

namespace HierEmbed.Architecture.Tests;

public sealed class DependencyTests
{
    private const string Torch = @"TorchSharp\.";
    private const string Onnx = @"Microsoft\.ML\.OnnxRuntime";
    // ML.NET's trainers, which the evaluation alone uses; ONNX Runtime shares their namespace.
    private const string Learning = @"Microsoft\.ML\.(?!OnnxRuntime)";
    private const string Web = @"Microsoft\.AspNetCore\.";
    private const string Azure = @"(Azure|Microsoft\.Azure|Microsoft\.DurableTask)\.";

    /// <summary>Arrows point down only: Functions, Cli → Pipeline → Training, Serving → Storage → Core.</summary>
    public static TheoryData<string, string> Forbidden => new()
    {
        { @"^HierEmbed\.Core\.", $@"^(HierEmbed\.(Storage|Training|Serving|Pipeline|Cli|Functions)\.|{Azure}|{Torch}|{Learning}|{Onnx}|{Web})" },
        { @"^HierEmbed\.Storage\.", $@"^(HierEmbed\.(Training|Serving|Pipeline|Cli|Functions)\.|{Torch}|{Learning}|{Onnx}|{Web})" },
        { @"^HierEmbed\.Training\.", $@"^(HierEmbed\.(Serving|Pipeline|Cli|Functions)\.|{Web}|{Azure})" },
        { @"^HierEmbed\.Serving\.", $@"^(HierEmbed\.(Training|Pipeline|Cli|Functions)\.|{Torch}|{Learning}|{Azure})" },
        { @"^HierEmbed\.Pipeline\.", $@"^(HierEmbed\.(Cli|Functions)\.|{Torch}|{Learning}|{Web}|{Azure})" },
        { @"^HierEmbed\.Cli\.", $@"^({Torch}|{Learning}|HierEmbed\.(Training|Functions)\.)" },
        // What answers from a model that is there already: everything of the command line but training and evaluation, and the hosts that can train.
        { @"^HierEmbed\.Cli\.(?!Commands\.(Train|Demo|Serve|Evaluate)Command|Hosting\.)", $@"^({Torch}|HierEmbed\.(Training|Pipeline)\.)" },
        { @"^HierEmbed\.Functions\.", $@"^({Torch}|{Learning}|{Onnx}|HierEmbed\.(Training|Cli)\.)" },
        // What answers a request: the routes, and a watcher's name. Nothing there makes the pipeline, whose steps load Torch.
        { @"^HierEmbed\.Functions\.Http\.", $@"^({Torch}|HierEmbed\.(Training|Pipeline)\.)" },
        { @"^HierEmbed\.Functions\.Watchers\.", $@"^({Torch}|HierEmbed\.(Training\.|Pipeline\.(?!Workflows\.WatchDatasetWorkflow|Steps\.DatasetInput)))" },
    };

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void Types_DependOnNothingAboveOrBesideThem(string from, string to)
    {
        var rule = new ForbiddenDependency(from, to);
        Assert.True(rule.FindsIn(Loaded.Architecture), $"{from} finds no type");
        Assert.Empty(rule.ViolationsIn(Loaded.Architecture));
    }

    // Types of one place that break a rule in the ways that are easy to overlook: in a field, a lambda, an asynchronous method.
    [Theory]
    [InlineData("UsesTorchInAField", Torch)]
    [InlineData("UsesTorchInALambda", Torch)]
    [InlineData("UsesTorchInAnAsyncMethod", Torch)]
    [InlineData("UsesOnnxInAMethod", Onnx)]
    [InlineData("UsesTheWebInASignature", Web)]
    [InlineData("UsesThePipeline", @"HierEmbed\.Pipeline\.")]
    public void Rule_CraftedViolation_IsFound(string type, string to) =>
        Assert.NotEmpty(new ForbiddenDependency($@"^HierEmbed\.Architecture\.Tests\.Crafted\.{type}", $"^({to})").ViolationsIn(Loaded.Architecture));

    /// <summary>The packages that each assembly's code refers to, whatever its project file lists.</summary>
    [Theory]
    [InlineData("HierEmbed.Core", "Azure|Torch|AspNetCore|OnnxRuntime|Microsoft.Extensions|HierEmbed")]
    [InlineData("HierEmbed.Storage", "Torch|AspNetCore|OnnxRuntime|HierEmbed.(?!Core)")]
    [InlineData("HierEmbed.Training", "AspNetCore|Azure|HierEmbed.(?!Core|Storage)")]
    [InlineData("HierEmbed.Serving", "Torch|Azure|HierEmbed.(?!Core|Storage)")]
    [InlineData("HierEmbed.Pipeline", "Torch|Azure|HierEmbed.(?!Core|Storage|Training|Serving)")]
    [InlineData("hierembed", "Torch|HierEmbed.(Training|Functions)")]
    [InlineData("HierEmbed.Functions", "Torch|OnnxRuntime|HierEmbed.Training|hierembed")]
    public void Assembly_RefersToNoForbiddenOne(string name, string forbidden)
    {
        Assembly assembly = Source.Assemblies.Single(a => a.GetName().Name == name);
        Assert.DoesNotContain(assembly.GetReferencedAssemblies(), reference => System.Text.RegularExpressions.Regex.IsMatch(reference.Name!, forbidden));
        // The pattern means something: what it forbids is there to be referred to.
        Assert.Contains(Source.Assemblies.Append(GetType().Assembly).SelectMany(a => a.GetReferencedAssemblies()),
            reference => System.Text.RegularExpressions.Regex.IsMatch(reference.Name!, forbidden));
    }
}
