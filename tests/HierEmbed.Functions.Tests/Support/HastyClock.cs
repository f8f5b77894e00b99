namespace HierEmbed.Functions.Tests.Support;

/// <summary>The system's clock, but that whoever waits by it waits a thousandth of the time.</summary>
internal sealed class HastyClock : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, dueTime / 1000, period);
}
