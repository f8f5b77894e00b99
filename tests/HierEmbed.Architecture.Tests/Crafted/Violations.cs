// Each breaks a rule on purpose: the tests prove with them that the rules can fail.
#pragma warning disable CA1051, CA1052, CA1822, CA1852, CA2211, IDE0051, IDE0052, CS0649, CS0169
namespace HierEmbed.Architecture.Tests.Crafted;

internal sealed class UsesTorchInAField
{
    internal TorchSharp.torch.Tensor? Rows;
}

internal sealed class UsesTorchInALambda
{
    internal Func<long, object> Make { get; } = rows => TorchSharp.torch.zeros(rows);
}

internal sealed class UsesTorchInAnAsyncMethod
{
    internal async Task<long> RowsAsync()
    {
        await Task.Yield();
        using TorchSharp.torch.Tensor rows = TorchSharp.torch.zeros(1);
        return rows.shape[0];
    }
}

internal sealed class UsesOnnxInAMethod
{
    internal void Load(string path) => new Microsoft.ML.OnnxRuntime.InferenceSession(path).Dispose();
}

internal sealed class UsesTheWebInASignature
{
    internal void Answer(Microsoft.AspNetCore.Http.HttpRequest? request) => _ = request;
}

internal sealed class UsesThePipeline
{
    internal string Name => typeof(HierEmbed.Pipeline.HierEmbedPipeline).Name;
}

internal class NotSealed;

internal class HasAHeir;

internal sealed class Heir : HasAHeir;

internal sealed class HasMutableStatics
{
    internal static int Count;
    internal static readonly Dictionary<string, int> Cache = [];
    internal static readonly int[] Table = [1, 2];

    internal static string Name { get; set; } = string.Empty;

    internal static IReadOnlyList<int> Fixed { get; } = [1];
}
