using System.Globalization;
using System.Text;
using HierEmbed.Core.Readers.Text;

namespace HierEmbed.Core.Tests.Readers;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData("0", 1)]
    [InlineData("-0.0", 4)]
    [InlineData("12,", 2)]
    [InlineData("1.5e3]", 5)]
    [InlineData("1E+05 ", 5)]
    [InlineData("01", 0)]
    [InlineData("", 0)]
    [InlineData("-", 0)]
    [InlineData(".5", 0)]
    [InlineData("5.", 0)]
    [InlineData("1e", 0)]
    [InlineData("1e+", 0)]
    [InlineData("+1", 0)]
    [InlineData("NaN", 0)]
    [InlineData("123456789012345678901234567890x", 30)]
    public void Parse_Text_TakesTheNumberAndNoMore(string text, int length) =>
        Assert.Equal(length, NumberText.Parse(Encoding.ASCII.GetBytes(text), out _));

    // The middle between two float32, a hair above and below it, the ends of the range, what has more digits than 64 bits, what is zero.
    [Theory]
    [InlineData("16777217")]
    [InlineData("16777217.0000000000000001")]
    [InlineData("1.00000005960464477539062500000000000000000000001")]
    [InlineData("1.000000059604644775390625")]
    [InlineData("1.0000000596046447753906249")]
    [InlineData("3.4028234663852886e38")]
    [InlineData("3.4028235677973366e38")]
    [InlineData("3.4028235677973365e38")]
    [InlineData("1e39")]
    [InlineData("1e999999999999")]
    [InlineData("1.17549435e-38")]
    [InlineData("1.1754942e-38")]
    [InlineData("1e-45")]
    [InlineData("7.006492321624085e-46")]
    [InlineData("1e-400")]
    [InlineData("0.00000000000000000000000000000000000000000000000012345678901234567e45")]
    [InlineData("99999999999999999999")]
    [InlineData("0.0000000000000000000")]
    [InlineData("0.000000000000000000012345678901234567")]
    [InlineData("12345678.12345678")]
    [InlineData("8589973000")]
    public void Parse_HardNumber_IsDotNetsToTheBit(string text)
    {
        Check(text);
        Check("-" + text);
    }

    [Fact]
    public void Parse_RandomNumbers_AreDotNetsToTheBit()
    {
        var random = new Random(20261125);
        int rounds = Environment.GetEnvironmentVariable("HIEREMBED_LONG") == "1" ? 100_000_000 : 300_000;
        for (int i = 0; i < rounds; i++)
        {
            float value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            if (!float.IsFinite(value))
                continue;
            // A float32, the float64 beside it, the middle to the next float32, a float64 of the size that embeddings have.
            double middle = ((double)value + BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) ^ 1)) / 2;
            string text = (i % 6) switch
            {
                0 => value.ToString("R", CultureInfo.InvariantCulture),
                1 => ((double)value).ToString("E16", CultureInfo.InvariantCulture),
                2 => Math.BitIncrement(middle).ToString("R", CultureInfo.InvariantCulture),
                3 => middle.ToString("R", CultureInfo.InvariantCulture),
                4 => (random.NextDouble() - 0.5).ToString("R", CultureInfo.InvariantCulture),
                _ => (random.NextDouble() * Math.Pow(10, random.Next(-50, 45))).ToString($"F{random.Next(1, 60)}", CultureInfo.InvariantCulture),
            };
            Check(text);
        }
    }

    private static void Check(string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(bytes.Length, NumberText.Parse(bytes, out float value));
        if (BitConverter.SingleToInt32Bits(value) != BitConverter.SingleToInt32Bits(float.Parse(text, CultureInfo.InvariantCulture)))
            Assert.Fail($"{text} was read as {value:R}");
    }
}
