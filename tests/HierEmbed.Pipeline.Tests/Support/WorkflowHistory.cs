using HierEmbed.Pipeline.Workflows;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>What a run of a workflow called and was answered, in order.</summary>
internal sealed class WorkflowHistory
{
    private const int MaxStatusBytes = 16 * 1024;
    private readonly Func<IWorkflowContext, Task> workflow;
    private readonly List<(int Call, string Json)> answers = [];
    private readonly List<(int Calls, int Statuses, int[] Outstanding)> states = [];

    private WorkflowHistory(Func<IWorkflowContext, Task> workflow) => this.workflow = workflow;

    public IReadOnlyList<WorkflowCall> Calls { get; private set; } = [];

    public IReadOnlyList<string> Statuses { get; private set; } = [];

    /// <summary>Calls that waited for an answer at once, at most.</summary>
    public int MostOutstanding => states.Max(state => state.Outstanding.Length);

    /// <summary>Runs a workflow to its end, its calls answered in an order that the seed chooses.</summary>
    public static WorkflowHistory Record(Func<IWorkflowContext, Task> workflow, Func<WorkflowCall, string> answer, int seed)
    {
        var history = new WorkflowHistory(workflow);
        var random = new Random(seed);
        (ReplayingContext context, Task run) = history.Start();
        while (!run.IsCompleted)
        {
            history.states.Add((context.Calls.Count, context.Statuses.Count, [.. context.Outstanding]));
            // No call outstanding: the workflow waits for something that its context did not give it.
            Assert.NotEmpty(context.Outstanding);
            int call = context.Outstanding.ElementAt(random.Next(context.Outstanding.Count));
            string json = answer(context.Calls[call]);
            history.answers.Add((call, json));
            context.Answer(call, json);
        }
        Assert.True(run.IsCompletedSuccessfully, run.Exception?.ToString());
        Assert.Empty(context.Outstanding);
        (history.Calls, history.Statuses) = ([.. context.Calls], [.. context.Statuses]);
        Assert.All(history.Statuses, status => Assert.InRange(status.Length, 0, MaxStatusBytes));
        return history;
    }

    /// <summary>Starts the workflow anew for every prefix of the answers, and requires that it stands where it stood.</summary>
    public void RequireSameFromEveryPrefix()
    {
        for (int prefix = 0; prefix <= answers.Count; prefix++)
        {
            (ReplayingContext context, Task run) = Start();
            foreach ((int call, string json) in answers.Take(prefix))
                context.Answer(call, json);
            Assert.Equal(prefix == answers.Count, run.IsCompletedSuccessfully);
            if (prefix == answers.Count)
                continue;
            Assert.Equal(Calls.Take(states[prefix].Calls), context.Calls);
            Assert.Equal(Statuses.Take(states[prefix].Statuses), context.Statuses);
            Assert.Equal(states[prefix].Outstanding, context.Outstanding);
        }
    }

    private (ReplayingContext Context, Task Run) Start()
    {
        // The test framework's own would let continuations run elsewhere.
        SynchronizationContext.SetSynchronizationContext(null);
        var context = new ReplayingContext("instance");
        return (context, workflow(context));
    }
}
