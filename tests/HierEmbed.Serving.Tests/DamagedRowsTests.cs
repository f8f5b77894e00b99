using System.Text;
using System.Text.Json;
using HierEmbed.Serving.Tests.Support;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Tests;

/// <summary>What a search says of stored files that do not hold what was written.</summary>
public sealed class DamagedRowsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("codes")]
    [InlineData("codes-model")]
    [InlineData("codes-gone")]
    [InlineData("vectors")]
    [InlineData("vectors-cut")]
    [InlineData("vectors-nan")]
    [InlineData("labels")]
    [InlineData("labels-ends")]
    [InlineData("labels-text")]
    [InlineData("labels-cut")]
    [InlineData("index")]
    [InlineData("index-rows")]
    [InlineData("index-name")]
    [InlineData("pointer")]
    public async Task Search_StoredFileIsDamaged_SaysWhichAndEncodeGoesOn(string damage)
    {
        var rows = new StoredTestRows();
        await using TestApi api = await StoredApi.StartAsync(rows);
        string name = damage.Split('-')[0] switch
        {
            "codes" => rows.Codes(0),
            "vectors" => rows.VectorFile(0),
            "labels" => rows.LabelFile(0),
            "pointer" => Layout.CodesLatest("words", TestModels.A),
            _ => Layout.CodesIndex("words", TestModels.A, rows.RunId),
        };
        byte[] whole = await api.Results.ReadBytesAsync(name, Cancellation), bytes = (byte[])whole.Clone();
        switch (damage)
        {
            case "codes": bytes[^60] ^= 1; break;
            case "vectors": bytes[20] ^= 1; break;
            case "labels": bytes[3] ^= 1; break;
            case "vectors-cut": bytes = bytes[..150]; break;
            case "labels-cut": bytes = bytes[..^2000]; break;
            case "vectors-nan": bytes.AsSpan(128).Fill(0xFF); break;
            case "labels-ends": bytes.AsSpan(24 + 800, 800).Fill(0xEE); break;
            case "labels-text": bytes.AsSpan(24 + 1600).Fill((byte)'x'); break;
            case "codes-model": bytes.AsSpan(bytes.AsSpan().IndexOf("words/"u8), 1).Fill((byte)'X'); break;
            case "codes-gone": bytes = []; break;
            case "index-rows": bytes = Changed(bytes, "\"rows\": 100", "\"rows\": 99"); break;
            case "index-name": bytes = Changed(bytes, "\"vectors\": \"", "\"vectors\": \"../../"); break;
            default: bytes = [.. "[{\"rows\":\"x\"}]"u8]; break;
        }
        await api.Results.WriteBytesAsync(name, bytes, WriteCondition.Always, Cancellation);
        // All rows, so that the damaged ones are among them.
        string all = $"{{\"query\":{JsonSerializer.Serialize(Golden.Rows[1])},\"topK\":150}}";
        using HttpResponseMessage response = await api.PostAsync("models/words/search", all);
        Assert.Contains(Path.GetFileName(damage == "index-rows" ? rows.Codes(0) : name), await TestApi.ProblemAsync(response, 500, "corrupt-artifact"), StringComparison.Ordinal);
        await api.EncodeAsync(JsonSerializer.Serialize(Golden.Rows));
        await api.Results.WriteBytesAsync(name, whole, WriteCondition.Always, Cancellation);
        // Remembered until the next poll.
        await Task.Delay(60, Cancellation);
        Assert.Equal(150, (await StoredApi.SearchAsync(api, all)).GetProperty("results")[0].GetProperty("neighbours").GetArrayLength());
    }

    private static byte[] Changed(byte[] json, string from, string to)
    {
        string text = Encoding.UTF8.GetString(json), changed = text.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(text, changed);
        return Encoding.UTF8.GetBytes(changed);
    }
}
