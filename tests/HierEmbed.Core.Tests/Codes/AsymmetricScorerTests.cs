using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Tests.Codes.Pursuit;

namespace HierEmbed.Core.Tests.Codes;

public sealed class AsymmetricScorerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(30)]
    public void Score_CodesOfPursuit_IsTheCosineOfQueryAndReconstruction(int k)
    {
        LinearDecoder dictionary = Dictionaries.Make(90, 33, seed: 11);
        float[] rows = Dictionaries.Rows(30, 33, seed: 12), queries = Dictionaries.Rows(10, 33, seed: 13);
        SparseCode[] codes = new PursuitCoder(dictionary).Encode(rows, k);
        var scorer = new AsymmetricScorer(dictionary);
        var decoded = new float[33];
        for (int q = 0; q < 10; q++)
        {
            ReadOnlySpan<float> query = queries.AsSpan(q * 33, 33);
            ProjectedQuery projected = scorer.Project(query);
            foreach (SparseCode code in codes)
            {
                dictionary.Decode(code, decoded);
                double dot = 0, squares = 0;
                for (int d = 0; d < 33; d++)
                {
                    dot += (double)query[d] * decoded[d];
                    squares += (double)decoded[d] * decoded[d];
                }
                float norm = scorer.NormOf(code);
                Assert.Equal(Math.Sqrt(squares), norm, 1e-4);
                Assert.Equal(dot / Math.Sqrt(squares), AsymmetricScorer.Score(projected, code, norm), 1e-4);
            }
        }
    }

    [Fact]
    public void Score_EmptyCode_IsTheCosineWithTheMean()
    {
        var dictionary = new LinearDecoder("m", [1, 0, 0, 1], [0.3f, 0.4f]);
        var scorer = new AsymmetricScorer(dictionary);
        var empty = new SparseCode(2, [], [], 0);
        Assert.Equal(0.5, scorer.NormOf(empty), 1e-6);
        Assert.Equal(0.6, AsymmetricScorer.Score(scorer.Project([1, 0]), empty, scorer.NormOf(empty)), 1e-6);
    }

    [Fact]
    public void Score_ReconstructionWithoutLength_IsZero()
    {
        var scorer = new AsymmetricScorer(new LinearDecoder("m", [1, 0, 0, 1], [0, 0]));
        Assert.Equal(0, AsymmetricScorer.Score(scorer.Project([1, 0]), new SparseCode(2, [], [], 0), scorer.NormOf(new SparseCode(2, [], [], 0))));
    }

    [Fact]
    public void Project_QueryOfAnotherLength_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AsymmetricScorer(Dictionaries.Make(4, 3, 1)).Project(new float[4]));
}
