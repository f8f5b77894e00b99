using HierEmbed.Core.Numpy;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class RowLengthTests
{
    /// <summary>float32 squares 1e37 to infinity and 1e-42 to 0: neither row can be divided by its length.</summary>
    [Theory]
    [InlineData(1e37f, RejectionReason.NotFinite)]
    [InlineData(1e-42f, RejectionReason.ZeroRow)]
    [InlineData(0f, RejectionReason.ZeroRow)]
    public void Read_RowWithoutUsableLength_IsRejectedWhereItIsToBeNormalized(float value, RejectionReason reason)
    {
        using IEmbeddingReader reader = Open(value, normalized: true);
        var batch = new EmbeddingBatch(8, 4);
        Assert.True(reader.Read(batch, TestContext.Current.CancellationToken));
        Assert.Equal(1, batch.Count);
        RejectedRow rejected = Assert.Single(reader.Rejections.Listed);
        Assert.Equal((1, reason), (rejected.Row, rejected.Reason));
    }

    [Theory]
    [InlineData(1e37f)]
    [InlineData(1e-42f)]
    public void Measure_RowBeyondFloat32Squares_HasAFiniteNorm(float value)
    {
        using IEmbeddingReader reader = Open(value, normalized: false);
        EmbeddingFileProfile profile = EmbeddingFileProfile.Measure(reader, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(double.IsFinite(profile.MaxNorm));
        // A subnormal float32 holds two digits.
        Assert.Equal(1, (value > 1 ? profile.MaxNorm : profile.MinNorm) / (2.0 * value), 1e-6);
    }

    private static IEmbeddingReader Open(float value, bool normalized)
    {
        var file = new MemoryStream();
        NpyWriter.Write<float>(file, [1, 2, 3, 4, value, value, value, value], 2, 4);
        file.Position = 0;
        return EmbeddingReaders.Open("rows.npy", file, new ReaderOptions { MaxRejectedFraction = null, RejectZeroRows = normalized }, TestContext.Current.CancellationToken);
    }
}
