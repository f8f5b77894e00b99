using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class EmbeddingBatchTests
{
    [Fact]
    public void Commit_LongTexts_AreCutBetweenCharacters()
    {
        var batch = new EmbeddingBatch(2, 1);
        batch.Commit(0, new RowLabels(new string('x', RowLabels.MaxLength), new string('y', RowLabels.MaxLength + 1)));
        batch.Commit(1, new RowLabels(null, new string('y', RowLabels.MaxLength - 1) + "😀"));
        Assert.Equal((RowLabels.MaxLength, RowLabels.MaxLength), (batch.Labels[0].Id!.Length, batch.Labels[0].Text!.Length));
        Assert.Equal(new RowLabels(null, new string('y', RowLabels.MaxLength - 1)), batch.Labels[1]);
    }

    [Fact]
    public void Commit_BatchThatKeepsNoLabels_KnowsThatTheyAreThere()
    {
        var batch = new EmbeddingBatch(1, 1, keepsLabels: false);
        batch.Commit(0, new RowLabels("a", null, "b"));
        Assert.Equal(new RowLabels("", null, ""), batch.Labels[0]);
    }
}
