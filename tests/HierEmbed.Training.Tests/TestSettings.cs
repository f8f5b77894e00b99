// Torch's thread count and its tensor counters belong to the process, and two trainings at once on two cores are slower than one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
