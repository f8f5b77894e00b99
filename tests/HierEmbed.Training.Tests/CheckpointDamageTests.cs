using System.Buffers.Binary;
using HierEmbed.Core.Errors;

namespace HierEmbed.Training.Tests;

public sealed class CheckpointDamageTests
{
    private readonly SmallTraining small = SmallTraining.Of("sparse", r => r with { LatentDims = 8 });
    private readonly byte[] file;

    public CheckpointDamageTests()
    {
        using Trainer trainer = small.Start();
        trainer.Run(TimeSpan.Zero, 0, null, TestContext.Current.CancellationToken);
        file = ResumeTests.Saved(trainer).ToArray();
    }

    [Fact]
    public void Resume_TruncatedAnywhere_IsRefused()
    {
        for (int length = 0; length < file.Length; length += length < 64 ? 1 : 37)
            Refused(file[..length]);
        Refused(file[..^1]);
    }

    [Fact]
    public void Resume_OneByteChangedAnywhere_IsRefused()
    {
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        for (int at = 0; at < file.Length; at += at < header ? 1 : 101)
        {
            byte[] damaged = [.. file];
            damaged[at] ^= 0x11;
            Refused(damaged);
        }
    }

    [Fact]
    public void Resume_HeaderThatDeclaresGigabytes_AllocatesNothing()
    {
        byte[] damaged = [.. file];
        BinaryPrimitives.WriteInt64LittleEndian(damaged, 16 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(damaged);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 << 20);
        BinaryPrimitives.WriteInt64LittleEndian(damaged, long.MaxValue);
        Refused(damaged);
    }

    [Fact]
    public void Resume_BytesAfterTheEnd_IsRefused() => Refused([.. file, 0]);

    [Fact]
    public void Resume_AnotherSeedRecipeOrData_IsRefused()
    {
        Assert.Contains("seed", Throws(() => small.Resume(new MemoryStream(file), seed: 8)).Message, StringComparison.Ordinal);
        SmallTraining other = SmallTraining.Of("sparse", r => r with { LatentDims = 8, LearningRate = 1e-3 });
        Assert.Contains("recipe", Throws(() => other.Resume(new MemoryStream(file))).Message, StringComparison.Ordinal);
        SmallTraining data = SmallTraining.Of("sparse", r => r with { LatentDims = 8 }, SyntheticRows.Sparse(300, 16, seed: 5));
        Assert.Contains("rows", Throws(() => data.Resume(new MemoryStream(file))).Message, StringComparison.Ordinal);
    }

    private void Refused(byte[] damaged) => Throws(() => small.Resume(new MemoryStream(damaged)));

    private static ModelException Throws(Func<Trainer> resume)
    {
        var e = Assert.Throws<ModelException>(() => resume().Dispose());
        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
        Assert.True(e.Message.Length < 300, e.Message);
        return e;
    }
}
