using HierEmbed.Core.Errors;
using HierEmbed.Storage.Datasets;

namespace HierEmbed.Storage.Tests.Datasets;

public sealed class DatasetNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("7")]
    [InlineData("wiki-en-2024")]
    [InlineData("a--b")]
    [InlineData("a23456789-123456789-123456789-123456789-123456789-123456789-123")]
    public void Require_AllowedName_ReturnsIt(string name) => Assert.Equal(name, DatasetName.Require(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("A")]
    [InlineData("a_b")]
    [InlineData("a.b")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a\n")]
    [InlineData("é")]
    [InlineData("٣")]
    [InlineData("a23456789-123456789-123456789-123456789-123456789-123456789-1234")]
    public void Require_AnythingElse_IsRefusedByName(string? name)
    {
        var e = Assert.Throws<DatasetException>(() => DatasetName.Require(name));
        Assert.Equal("invalid-dataset-name", e.Type.Code);
        Assert.Contains($"\"{name}\"", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_VeryLongName_IsQuotedInPart() =>
        Assert.InRange(Assert.Throws<DatasetException>(() => DatasetName.Require(new string('x', 5000))).Message.Length, 1, 299);
}
