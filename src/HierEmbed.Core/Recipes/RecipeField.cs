using System.Text.Json;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Recipes;

/// <summary>One field of a recipe that users may set.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Expected">What its value must be, in words.</param>
/// <param name="IsList">Whether its value is a list.</param>
/// <param name="TryApply">The recipe with the field set, or null where the value is not as expected.</param>
public sealed record RecipeField(string Name, string Expected, bool IsList, Func<Recipe, JsonElement, Recipe?> TryApply)
{
    /// <summary>Sets the field.</summary>
    /// <exception cref="RecipeException">The value is not as expected.</exception>
    public Recipe Apply(Recipe recipe, JsonElement value) => TryApply(recipe, value)
        ?? throw new RecipeException(ProblemTypes.InvalidRecipe, $"{Name} is {RecipeFields.Shorten(value.GetRawText())}; expected {Expected}.");
}
