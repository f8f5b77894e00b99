using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests.ClosedForm;

public sealed class ProductTests
{
    /// <summary>Sums of up to 300 products of numbers near 1, rounded in another order: within 1e-4 of float64's.</summary>
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(6, 64, 16)]
    [InlineData(13, 130, 37)]
    [InlineData(70, 63, 300)]
    public void MultiplyPacked_AnyLayout_IsTorchsProduct(int rows, int columns, int depth)
    {
        using var scope = NewDisposeScope();
        Tensor a = PresetGradientTests.Gaussian([rows, depth], 1), b = PresetGradientTests.Gaussian([depth, columns], 2);
        float[] expected = a.to_type(ScalarType.Float64).mm(b.to_type(ScalarType.Float64)).to_type(ScalarType.Float32).data<float>().ToArray();
        foreach (Tensor left in (Tensor[])[a, a.t().contiguous().t()])
        {
            foreach (Tensor right in (Tensor[])[b, b.t().contiguous().t()])
            {
                Assert.True(StridedMatrix.IsOne(left) && StridedMatrix.IsOne(right));
                Assert.All(Products.MultiplyPacked(left, right).data<float>().ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
            }
        }
    }

    [Fact]
    public void Multiply_RowsOfAPackedMatrix_DoNotDependOnThoseBeside()
    {
        using var scope = NewDisposeScope();
        Tensor a = PresetGradientTests.Gaussian([50, 33], 1), b = PresetGradientTests.Gaussian([33, 90], 2);
        float[] whole = Products.MultiplyPacked(a, b).data<float>().ToArray();
        float[] part = Products.MultiplyPacked(a.narrow(0, 17, 4).clone(), b).data<float>().ToArray();
        Assert.Equal(whole[(17 * 90)..(21 * 90)], part);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EncoderProduct_EitherWay_IsTheProductAndTheBias(bool isPacked)
    {
        using var scope = NewDisposeScope();
        using NetworkParameters parameters = NetworkParameters.Zeros(latentDims: 70, inputDims: 9);
        PresetGradientTests.Gaussian([70, 9], 1).bytes.CopyTo(parameters.Encoder.bytes);
        PresetGradientTests.Gaussian([70], 2).bytes.CopyTo(parameters.EncoderBias.bytes);
        Tensor rows = PresetGradientTests.Gaussian([30, 9], 3);
        using var product = new EncoderProduct(parameters, isPacked);
        product.Prepare(new ParallelOptions());
        using var scratch = new StepScratch(blockRows: 20, latentDims: 70, inputDims: 9);
        scratch.PreActivations.fill_(float.NaN);
        product.Multiply(rows, 10, 20, scratch);
        float[] expected = addmm(parameters.EncoderBias, rows.narrow(0, 10, 20), parameters.Encoder.t(), 1, 1).data<float>().ToArray();
        Assert.All(scratch.PreActivations.data<float>().ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
    }

    /// <summary>Columns that fill a panel, that end in its midst, and several panels; sums of a few products near 1, so float32 is within 1e-4.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(150)]
    public unsafe void ColumnPanel_AnyNumberOfRows_SumsAndMultiplies(int columns)
    {
        using var scope = NewDisposeScope();
        Tensor values = PresetGradientTests.Gaussian([12, columns], 4);
        float[] all = values.data<float>().ToArray();
        using var panel = new ColumnPanel();
        float* start = stackalloc float[ColumnPanel.Width], sum = stackalloc float[ColumnPanel.Width];
        new Span<float>(start, ColumnPanel.Width).Fill(0.5f);
        for (int first = 0; first < columns; first += ColumnPanel.Width)
        {
            panel.Load(new NativeMatrix(values), first);
            for (int count = 0; count <= 9; count++)
            {
                int[] rows = [.. Enumerable.Range(0, count).Select(i => (i * 7) % 12)];
                float[] weights = [.. rows.Select(row => row - 5.5f)], products = [.. rows.Select(row => (float)row)];
                panel.Sum(start, rows, weights, sum);
                panel.AddProducts(sum, rows, products);
                float At(int row, int i) => first + i < columns ? all[(row * columns) + first + i] : 0;
                for (int i = 0; i < ColumnPanel.Width; i++)
                    Assert.Equal(0.5f + rows.Zip(weights, (row, w) => w * At(row, i)).Sum(), sum[i], 1e-4f);
                for (int r = 0; r < count; r++)
                    Assert.Equal(rows[r] + Enumerable.Range(0, ColumnPanel.Width).Sum(i => sum[i] * At(rows[r], i)), products[r], 1e-2f);
            }
        }
    }
}
