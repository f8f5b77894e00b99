using HierEmbed.Core.Numpy;
using HierEmbed.Core.Scaling;
using HierEmbed.Core.Tests.Readers;

namespace HierEmbed.Core.Tests;

public sealed class StandardScalerTests
{
    private static readonly List<float[]> Data = Files.Read("scaler-data.npy", Golden.Bytes("scaler-data.npy"), batchRows: 64).Rows;

    [Fact]
    public void Fit_GoldenData_EqualsScikitLearn()
    {
        StandardScaler scaler = StandardScaler.Fit(Moments(Data), ScalingMode.Standard);
        using NpzReader golden = NpzReader.Open("scaler.npz", Golden.Open("scaler.npz"));
        CheckRelative(golden.Read<double>("mean").Values, scaler.Mean, 1e-6);
        CheckRelative(golden.Read<double>("scale").Values, scaler.Scale, 1e-6);
        Assert.Equal(1, scaler.Scale[1]);
        Assert.Equal(1, scaler.Scale[2]);
        Assert.Equal(1, scaler.Scale[7]);

        double[] expected = golden.Read<double>("transformed").Values;
        var row = new float[8];
        for (int r = 0; r < 20; r++)
        {
            scaler.Transform(Data[r], row);
            for (int d = 0; d < 8; d++)
            {
                // The mean of column 4 is 500 at a spread of 0.001: half a float32 step of it is 0.015 of that spread.
                double tolerance = d switch { 4 => 0.02, 3 => 1e-3, _ => 1e-5 };
                Assert.Equal(expected[(r * 8) + d], row[d], tolerance);
            }
        }
    }

    [Fact]
    public void Merge_AnyPartition_EqualsOnePass()
    {
        RunningMoments once = Moments(Data);
        var random = new Random(23);
        for (int round = 0; round < 50; round++)
        {
            var merged = new RunningMoments(8);
            for (int at = 0; at < Data.Count;)
            {
                int rows = Math.Min(Data.Count - at, random.Next(0, 120));
                merged.Merge(Moments(Data.GetRange(at, rows)));
                at += rows;
            }
            Assert.Equal(once.Count, merged.Count);
            CheckRelative(once.Mean.ToArray(), merged.Mean.ToArray(), 1e-12, atLeast: 1e-3);
            for (int d = 0; d < 8; d++)
            {
                // Relative to what the sums run over: a spread far below the mean is known no better than the mean is.
                double scale = once.M2[d] + (once.Count * once.Mean[d] * once.Mean[d]);
                Assert.Equal(once.M2[d], merged.M2[d], 1e-12 * Math.Max(scale, 1e-3));
            }
        }
    }

    [Fact]
    public void Merge_SamePartition_GivesTheSameBits()
    {
        RunningMoments Once()
        {
            RunningMoments moments = Moments(Data.GetRange(0, 123));
            moments.Merge(Moments(Data.GetRange(123, 377)));
            return moments;
        }
        Assert.Equal(Once().M2.ToArray(), Once().M2.ToArray());
        Assert.Equal(Once().Mean.ToArray(), Once().Mean.ToArray());
    }

    [Fact]
    public void Fit_OtherModes_ScaleAsNamed()
    {
        RunningMoments moments = Moments(Data);
        Assert.All(StandardScaler.Fit(moments, ScalingMode.None).Mean, mean => Assert.Equal(0, mean));
        StandardScaler centre = StandardScaler.Fit(moments, ScalingMode.Centre);
        Assert.Equal(moments.Mean.ToArray(), centre.Mean);
        Assert.All(centre.Scale, scale => Assert.Equal(1, scale));
        Assert.All(StandardScaler.Fit(moments, ScalingMode.Global).Scale, scale => Assert.Equal(Math.Sqrt(moments.TotalVariance / 8), scale));
    }

    [Fact]
    public void L2Normalize_RowOfZeros_StaysAndSaysSo()
    {
        var row = new float[] { 3, 4 };
        Assert.Equal(5, RowNormalization.L2Normalize(row, row));
        Assert.Equal([0.6f, 0.8f], row);
        Assert.Equal(0, RowNormalization.L2Normalize(new float[2], row));
        Assert.Equal([0, 0], row);
    }

    private static RunningMoments Moments(List<float[]> rows)
    {
        var moments = new RunningMoments(8);
        foreach (float[] row in rows)
            moments.Add(row);
        return moments;
    }

    private static void CheckRelative(double[] expected, IReadOnlyList<double> actual, double tolerance, double atLeast = 1e-12)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance * Math.Max(Math.Abs(expected[i]), atLeast));
    }
}
