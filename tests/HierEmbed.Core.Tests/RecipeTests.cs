using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Core.Tests;

public sealed class RecipeTests
{
    [Fact]
    public void Parse_UnknownField_NamesTheNearestThatExists()
    {
        var e = Assert.Throws<RecipeException>(() => TrainingRequest.Parse("{\"latentDim\": 64}"u8.ToArray()));
        Assert.Equal("invalid-recipe", e.Type.Code);
        Assert.Contains("\"latentDim\"", e.Message, StringComparison.Ordinal);
        Assert.Contains("\"latentDims\"", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"recipe\": \"mystery\"}", "matryoshka, sparse, seed, pca")]
    [InlineData("{\"epochs\": 0}", "from 1 to 10000")]
    [InlineData("{\"epochs\": \"many\"}", "from 1 to 10000")]
    [InlineData("{\"scaling\": \"robust\"}", "none or centre or global or standard")]
    [InlineData("{\"encoderPrecision\": \"float16\"}", "float32 or int8")]
    [InlineData("{\"encoderPrecision\": 8}", "float32 or int8")]
    [InlineData("{\"trainKs\": []}", "at least 1")]
    [InlineData("{\"seed\": -1}", "from 0")]
    [InlineData("[]", "expected an object")]
    [InlineData("{\"recipe\": ", "not JSON")]
    public void Parse_ValueOutOfRange_SaysWhatIsExpected(string json, string expected)
    {
        var e = Assert.Throws<RecipeException>(() => TrainingRequest.Parse(System.Text.Encoding.UTF8.GetBytes(json)));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.True(e.Message.Length < 300);
    }

    [Fact]
    public void Parse_FieldBeforeRecipe_OverridesThePreset()
    {
        TrainingRequest request = TrainingRequest.Parse("{\"epochs\": 7, \"recipe\": \"seed\", \"seed\": 3}"u8.ToArray());
        Assert.Equal(7, request.Recipe.Epochs);
        Assert.Equal(Architecture.SigmoidOutput, request.Recipe.Architecture);
        Assert.Equal(3, request.Seed);
    }

    [Fact]
    public void Serialize_Float32_LeavesThePrecisionOut()
    {
        // A model's version is a hash of this: those of before must stay what they are.
        string json = System.Text.Json.JsonSerializer.Serialize(RecipePresets.Get("sparse").Resolve(16, 100), Json.Compact);
        Assert.DoesNotContain("recision", json, StringComparison.Ordinal);
        Recipe quantized = RecipeFields.Set(RecipePresets.Get("sparse"), "encoderPrecision=int8");
        Assert.Equal(EncoderPrecision.Int8, quantized.EncoderPrecision);
        json = System.Text.Json.JsonSerializer.Serialize(quantized, Json.Compact);
        Assert.Contains("\"encoderPrecision\":\"int8\"", json, StringComparison.Ordinal);
        Assert.Equal(EncoderPrecision.Int8, System.Text.Json.JsonSerializer.Deserialize<Recipe>(json, Json.Compact)!.EncoderPrecision);
    }

    [Theory]
    [InlineData("{\"\\ud800\": 1}")]
    [InlineData("{\"recipe\": \"\\ud800\"}")]
    public void Parse_HalfASurrogatePair_IsARecipeProblem(string json)
    {
        var e = Assert.Throws<RecipeException>(() => TrainingRequest.Parse(Encoding.UTF8.GetBytes(json)));
        Assert.Contains("not valid Unicode", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ByteOrderMark_IsPassedOver() => Assert.Equal(3, TrainingRequest.Parse("\uFEFF{\"seed\": 3}"u8.ToArray()).Seed);

    [Fact]
    public void ParseAssignment_FieldOfTrainingJson_IsTaken() => Assert.Equal("maxRejectedFraction", RecipeFields.ParseAssignment("maxRejectedFraction=0.05").Name);

    [Fact]
    public void ParseAssignment_NothingNear_GivesNoHint()
    {
        var e = Assert.Throws<RecipeException>(() => RecipeFields.ParseAssignment("zzzzzzzzzz=1"));
        Assert.DoesNotContain("did you mean", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Set_ListAndWord_AreReadWithoutQuotes()
    {
        Recipe recipe = RecipeFields.Set(RecipePresets.Get("sparse"), "trainKs=32,8");
        recipe = RecipeFields.Set(recipe, "scaling=global");
        Assert.Equal([8, 32], recipe.TrainKs);
        Assert.Equal(Scaling.ScalingMode.Global, recipe.Scaling);
    }

    [Fact]
    public void Resolve_SeedScaledWithInputDims_FollowsInputDims()
    {
        ResolvedRecipe resolved = (RecipePresets.Get("seed") with { ScaleWithInputDims = true }).Resolve(1024, 1000);
        Assert.Equal(512, resolved.LatentDims);
        Assert.Equal([256, 512, 1024], resolved.OutputSlices);
    }

    [Theory]
    [InlineData("matryoshka", 16, 1_000, 64)]
    [InlineData("matryoshka", 512, 9_999, 1536)]
    [InlineData("matryoshka", 512, 10_000, 2048)]
    [InlineData("sparse", 512, 9_999, 1024)]
    [InlineData("sparse", 512, 10_000, 2048)]
    public void Resolve_DefaultLatentDims_FollowDimsRowsPrefixesAndLargestK(string preset, int inputDims, long rows, int expected) =>
        Assert.Equal(expected, RecipePresets.Get(preset).Resolve(inputDims, rows).LatentDims);

    [Theory]
    [InlineData(512, 10_000, 512, 32)]
    [InlineData(512, 100, 99, 32)]
    [InlineData(16, 100, 16, 16)]
    public void Resolve_Pca_HasAsManyAxesAsDimsAndRowsGive(int inputDims, long rows, int latentDims, int largestK)
    {
        ResolvedRecipe resolved = RecipePresets.Get("pca").Resolve(inputDims, rows);
        Assert.Equal((latentDims, largestK, 1), (resolved.LatentDims, resolved.Recipe.TrainKs[^1], resolved.Epochs));
    }

    [Fact]
    public void Resolve_PcaWithMoreAxesThanDims_IsRefused()
    {
        var e = Assert.Throws<RecipeException>(() => (RecipePresets.Get("pca") with { LatentDims = 17 }).Resolve(16, 1000));
        Assert.Contains("16 principal axes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_LargestKAboveLatentDims_IsRefused() =>
        Assert.Throws<RecipeException>(() => (RecipePresets.Get("sparse") with { LatentDims = 16, TrainKs = [32] }).Resolve(384, 1000));
}
