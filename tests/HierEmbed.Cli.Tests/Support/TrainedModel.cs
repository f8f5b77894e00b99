namespace HierEmbed.Cli.Tests.Support;

/// <summary>A model that <c>hierembed train</c> made, once for all tests that only read it.</summary>
public sealed class TrainedModel : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    /// <summary>The model's folder.</summary>
    public string Model { get; private set; } = string.Empty;

    /// <summary>The file that it was trained on.</summary>
    public string Vectors { get; private set; } = string.Empty;

    public async ValueTask InitializeAsync()
    {
        Vectors = SmallRows.WriteNpy(folder.At("vectors.npy"), 400);
        Model = folder.At("model");
        (await Hierembed.RunInAsync(folder.Root, ["train", Vectors, "--out", Model, .. SmallRows.Recipe])).Expect(0);
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
