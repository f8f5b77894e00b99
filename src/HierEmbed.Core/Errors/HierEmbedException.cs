namespace HierEmbed.Core.Errors;

/// <summary>
/// A failure that a retry cannot cure: bad data, a bad recipe, a bad request. What a retry can cure (a network, a full disk)
/// stays the exception that the runtime threw.
/// </summary>
public class HierEmbedException : Exception
{
    /// <summary>Makes an exception of a kind with its particulars.</summary>
    /// <param name="type">The kind of failure.</param>
    /// <param name="detail">What was found, where, what was expected, what to do; under 300 characters.</param>
    /// <param name="inner">What caused it, if another exception did.</param>
    public HierEmbedException(ProblemType type, string detail, Exception? inner = null) : base(detail, inner) => Type = type;

    /// <summary>The kind of failure.</summary>
    public ProblemType Type { get; }

    /// <summary>The same failure as a value.</summary>
    public Problem ToProblem() => new(Type.Code, Type.Title, Type.Status, Message);
}
