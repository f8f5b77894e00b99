namespace HierEmbed.Core.Errors;

/// <summary>A recipe with an unknown field, a value out of range, or a contradiction.</summary>
/// <param name="type">The kind of failure.</param>
/// <param name="detail">What was found, where, what was expected, what to do; under 300 characters.</param>
/// <param name="inner">What caused it, if another exception did.</param>
public sealed class RecipeException(ProblemType type, string detail, Exception? inner = null)
    : HierEmbedException(type, detail, inner);
