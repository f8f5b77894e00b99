using HierEmbed.Core.Evaluation;

namespace HierEmbed.Core.Tests.Evaluation;

public sealed class RowClassesTests
{
    [Fact]
    public void Of_OneLabelARow_IsItsClassFromTwoRowsOn()
    {
        var classes = new RowClasses(["b", "a", "b", null, "a", "b", "once", " "]);
        Assert.Equal(["b", "a"], classes.Names);
        Assert.Equal([0, 1, null, null, null], new[] { "b", "a", "once", null, "new" }.Select(classes.Of));
    }

    [Fact]
    public void Of_ListOfLabels_IsTheMostFrequentOne()
    {
        var classes = new RowClasses(["""["x","rare"]""", """["y","x"]""", """["y"]""", """["y","z"]""", "x", "[not a list", "[not a list"]);
        Assert.Equal(["x", "y", "[not a list"], classes.Names.Order(StringComparer.Ordinal).OrderBy(name => name[0] == '['));
        // x and y are named by three rows each: the first in order.
        Assert.Equal(classes.Of("x"), classes.Of("""["y","x"]"""));
        Assert.Equal(classes.Of("y"), classes.Of("""["z","y"]"""));
        Assert.Null(classes.Of("""["rare"]"""));
        Assert.NotNull(classes.Of("[not a list"));
    }

    [Fact]
    public void Names_ManyClasses_AreTheMostFrequentHundred()
    {
        var classes = new RowClasses(Enumerable.Range(0, 150).SelectMany(i => Enumerable.Repeat($"class {i:000}", i < 50 ? 3 : 2)));
        Assert.Equal(RowClasses.MaxClasses, classes.Names.Count);
        Assert.Equal("class 000", classes.Names[0]);
        Assert.NotNull(classes.Of("class 099"));
        Assert.Null(classes.Of("class 100"));
    }
}
