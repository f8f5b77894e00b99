namespace HierEmbed.Training.Randomness;

/// <summary>What a stream of random numbers is for. The numbers are part of what a seed means: they never change.</summary>
internal enum RandomPurpose
{
    Initialization = 1,
    Shuffle = 2,
    PrefixDraw = 3,
    Resampling = 4,
    Baselines = 5,
}
