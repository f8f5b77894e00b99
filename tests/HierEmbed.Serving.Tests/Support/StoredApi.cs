using System.Text.Json;
using HierEmbed.Core.Options;

namespace HierEmbed.Serving.Tests.Support;

/// <summary>The routes over version a with stored rows.</summary>
internal static class StoredApi
{
    public static async Task<TestApi> StartAsync(StoredTestRows? rows, Action<HierEmbedOptions>? configure = null)
    {
        TestApi api = await TestApi.StartAsync(configure, publish: false);
        await TestModels.PublishWithDictionaryAsync(api.Results);
        if (rows is not null)
            await rows.StoreAsync(api.Results);
        api.Results.Reads.Clear();
        api.Results.Ranges.Clear();
        return api;
    }

    /// <summary>Posts to search and requires 200.</summary>
    public static async Task<JsonElement> SearchAsync(TestApi api, string body, string query = "")
    {
        using HttpResponseMessage response = await api.PostAsync("models/words/search" + query, body);
        return await TestApi.OkAsync(response);
    }
}
