namespace HierEmbed.Serving.Bodies;

/// <summary>What a message calls a vector of a request: "row 3", "query", "candidates[3]", "pairs[3][1]".</summary>
/// <param name="List">The field, or null for a plain row.</param>
/// <param name="Index">Where in the list, from 0; −1 where the field is the vector itself.</param>
/// <param name="Item">Which of a pair; −1 elsewhere.</param>
internal readonly record struct RowName(string? List, int Index, int Item = -1)
{
    /// <summary>A plain row.</summary>
    public static RowName Row(int index) => new(null, index);

    /// <inheritdoc/>
    public override string ToString() => List is null ? $"row {Index}" : Index < 0 ? List : Item < 0 ? $"{List}[{Index}]" : $"{List}[{Index}][{Item}]";
}
