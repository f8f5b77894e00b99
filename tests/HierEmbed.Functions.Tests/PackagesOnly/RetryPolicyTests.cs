using DurableTask.Core;
using DurableTask.Core.Exceptions;
using HierEmbed.Functions.Workflows;
using TaskFailedException = DurableTask.Core.Exceptions.TaskFailedException;

namespace HierEmbed.Functions.Tests.PackagesOnly;

/// <summary>Needs the real retry policy: how the engine's exceptions reach <see cref="StepRetries.MayBeCured"/> is its behaviour.</summary>
public sealed class RetryPolicyTests
{
    [Fact]
    public void Handle_WhatTheEngineThrows_IsJudgedByTheTypeOfTheFault()
    {
        Func<Exception, bool> handle = StepRetries.Options.Retry!.Policy!.Handle;
        Assert.True(handle(Thrown(new IOException("gone"))));
        Assert.False(handle(Thrown(new ArgumentException("wrong"))));
    }

    /// <summary>What the engine throws into its retry loop.</summary>
    private static TaskFailedException Thrown(Exception fault)
    {
        var thrown = new TaskFailedException(0, 0, "PackFile", "", fault.Message, fault);
        typeof(OrchestrationException).GetProperty(nameof(OrchestrationException.FailureDetails))!
            .SetValue(thrown, new FailureDetails(fault.GetType().FullName!, fault.Message, null, null, false));
        return thrown;
    }
}
