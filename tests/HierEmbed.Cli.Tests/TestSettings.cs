using HierEmbed.Azurite;
using HierEmbed.Cli.Tests.Support;

// Every test starts processes of several threads: one after the other is faster on two cores, and no wait grows with the load of another test.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(TrainedModel))]
[assembly: AssemblyFixture(typeof(AzuriteServer))]
