using HierEmbed.Core.Codes;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Core.Tests.Codes;

public sealed class StrongestLatentsTests
{
    [Theory]
    [InlineData(CodeActivation.Relu)]
    [InlineData(CodeActivation.Signed)]
    public void Select_EveryLengthAndKind_EqualsAFullSort(CodeActivation activation)
    {
        var random = new Random(5);
        foreach (int latents in Enumerable.Range(0, 300).Concat([511, 1000, 4095, 4096, 4097, 4159]))
        {
            foreach (Func<int, float> kind in Kinds(random))
            {
                float[] row = [.. Enumerable.Range(0, latents).Select(kind)];
                int[] ks = [0, 1, 2, latents / 16, latents / 3, latents, latents + 5];
                AssertSelects(row, activation, ks[random.Next(ks.Length)]);
            }
        }
    }

    [Theory]
    [InlineData(CodeActivation.Relu)]
    [InlineData(CodeActivation.Signed)]
    public void Select_OneOfEachLatentsAndComponents_EqualsAFullSort(CodeActivation activation)
    {
        var random = new Random(6);
        foreach (int k in (int[])[1, 7, 8, 9, 32, 63, 64, 65, 128, 255, 256, 257, 700, 2048, 4096])
        {
            foreach (Func<int, float> kind in Kinds(random))
                AssertSelects([.. Enumerable.Range(0, 4096).Select(kind)], activation, k);
        }
    }

    [Fact]
    public void Select_Ties_GoToTheLowerIndex()
    {
        float[] row = new float[4096];
        Array.Fill(row, 2f);
        row[4000] = 3;
        (int[] latents, int[] values) = ([4000, .. Enumerable.Range(0, 63)], [3, .. Enumerable.Repeat(2, 63)]);
        (int[] found, float[] foundValues) = Select(row, CodeActivation.Relu, 64, ascending: false);
        Assert.Equal(latents, found);
        Assert.Equal(values.Select(v => (float)v), foundValues);
    }

    /// <summary>Rows that are easy and such as put the largest where a bound is bad: ties, few groups, nothing positive, what is no number.</summary>
    private static IEnumerable<Func<int, float>> Kinds(Random random)
    {
        yield return _ => random.NextSingle() - 0.5f;
        yield return _ => random.Next(-2, 3) / 2f;
        yield return _ => -random.NextSingle();
        yield return _ => 1.5f;
        yield return _ => -0f;
        yield return i => i;
        yield return i => -i;
        yield return i => i % 256 == 3 ? 10 + random.NextSingle() : random.NextSingle();
        yield return i => i < 128 ? 10 + random.NextSingle() : random.NextSingle();
        yield return _ => random.Next(5) switch { 0 => float.NaN, 1 => -float.NaN, 2 => float.PositiveInfinity, 3 => float.NegativeInfinity, _ => random.NextSingle() };
        yield return _ => random.Next(3) switch { 0 => float.Epsilon, 1 => -float.Epsilon, _ => float.MaxValue };
        yield return _ => random.Next(50) == 0 ? random.NextSingle() : 0;
    }

    private static void AssertSelects(float[] row, CodeActivation activation, int k)
    {
        int sign = activation == CodeActivation.Signed ? int.MaxValue : -1;
        // NaN has greater bits than infinity, so it counts as the largest.
        int[] expected = [.. Enumerable.Range(0, row.Length)
            .Select(i => (Bits: BitConverter.SingleToInt32Bits(row[i]) & sign, Latent: i)).Where(x => x.Bits > 0)
            .OrderByDescending(x => x.Bits).ThenBy(x => x.Latent).Select(x => x.Latent).Take(k)];
        foreach (bool ascending in (bool[])[false, true])
        {
            (int[] latents, float[] values) = Select(row, activation, k, ascending);
            Assert.Equal(ascending ? expected.Order() : expected, latents);
            Assert.Equal(latents.Select(latent => row[latent]), values);
        }
    }

    private static (int[] Latents, float[] Values) Select(float[] row, CodeActivation activation, int k, bool ascending)
    {
        var (latents, values, scratch) = (new int[k], new float[k], new ulong[row.Length]);
        int kept = ascending
            ? StrongestLatents.SelectAscending(row, activation, scratch, latents, values)
            : StrongestLatents.Select(row, activation, scratch, latents, values);
        return (latents[..kept], values[..kept]);
    }
}
