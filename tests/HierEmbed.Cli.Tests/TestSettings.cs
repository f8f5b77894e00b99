using HierEmbed.Azurite;
using HierEmbed.Cli.Tests.Support;

// Every test starts processes of several threads, and yet no more than one thread of each is at work much of the time: two at once take a fifth less time on two cores. Waits are for minutes.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: AssemblyFixture(typeof(TrainedModel))]
[assembly: AssemblyFixture(typeof(AzuriteServer))]
