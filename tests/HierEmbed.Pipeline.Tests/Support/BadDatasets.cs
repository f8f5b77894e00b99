using System.Text;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>Every kind of dataset that is refused, and some that look so and are not.</summary>
internal static class BadDatasets
{
    private const int RowsOfOne = 60;

    /// <summary>Uploads those that are refused.</summary>
    /// <returns>The problem's code by dataset, of those that have a run.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> UploadAsync(Bench bench)
    {
        byte[] npy = SmallRows.Npy(RowsOfOne, 1);
        var expected = new Dictionary<string, string>();
        async Task AddAsync(string dataset, string code, byte[] content, string file = "a.npy")
        {
            expected[dataset] = code;
            await bench.UploadAsync($"{dataset}/{file}", content);
        }
        async Task AddRecipeAsync(string dataset, string recipe)
        {
            await AddAsync(dataset, "invalid-recipe", npy);
            await bench.UploadAsync($"{dataset}/training.json", Encoding.UTF8.GetBytes(recipe));
        }

        await AddAsync("empty-file", "empty-file", []);
        await AddAsync("no-rows", "empty-file", SmallRows.Npy([]));
        await AddAsync("truncated", "truncated-file", npy[..^100]);
        await AddAsync("renamed", "misnamed-file", Encoding.UTF8.GetBytes("[1,2,3]\n[4,5,6]\n"));
        await AddAsync("pickle", "unsupported-content", [0x80, 4, 0x95, 10, 0, 0, 0, 0, 0, 0, 0]);
        await AddAsync("pickle-inside", "unsupported-content", Header("{'descr': '|O', 'fortran_order': False, 'shape': (60,), }"));
        await AddAsync("huge-shape", "truncated-file", Header("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387, 16), }"));
        await AddAsync("few-rows", "untrainable-data", SmallRows.Npy(49, 1));
        await AddAsync("equal-rows", "untrainable-data", SmallRows.Npy([.. Enumerable.Range(0, RowsOfOne * SmallRows.Dims).Select(i => (float)(i % SmallRows.Dims))]));
        await AddAsync("many-nan-rows", "too-many-rejected-rows", SmallRows.Npy(Spoiled(rows: 10, float.NaN)));
        await AddAsync("zero-rows", "too-many-rejected-rows", SmallRows.Npy(Zeroed(rows: 10)));
        await AddAsync("mixed-dims", "wrong-dimensions", npy);
        await bench.UploadAsync("mixed-dims/b.npy", SmallRows.Npy(RowsOfOne, 2, dims: 8));
        await AddRecipeAsync("unknown-field", """{"epoch":3}""");
        await AddRecipeAsync("out-of-range", """{"epochs":0}""");
        await AddRecipeAsync("no-json", "epochs = 3");
        await AddRecipeAsync("no-object", "[]");
        await AddRecipeAsync("empty-recipe", "");
        await AddRecipeAsync("contradicting", """{"recipe":"sparse","latentDims":8,"trainKs":[16]}""");

        await bench.UploadAsync("two-files.npy", npy);
        await bench.UploadAsync("two-files.jsonl", Encoding.UTF8.GetBytes("[1,2]\n"));
        await bench.UploadAsync("huge-recipe/a.npy", npy);
        await bench.UploadAsync("huge-recipe/training.json", new byte[65 * 1024]);
        await bench.UploadAsync("Upper Case/a.npy", npy);
        await bench.UploadAsync("under_score.npy", npy);
        return expected;
    }

    /// <summary>Uploads those that look bad and train.</summary>
    public static async Task UploadOddButTrainableAsync(Bench bench)
    {
        float[] constant = SmallRows.Values(RowsOfOne, 5);
        for (int i = 0; i < constant.Length; i++)
            constant[i] = i % SmallRows.Dims < 3 ? 0 : constant[i];
        byte[] recipe = Encoding.UTF8.GetBytes(SmallRows.Recipe);
        await bench.UploadAsync("constant-columns/a.npy", SmallRows.Npy(constant));
        await bench.UploadAsync("constant-columns/training.json", recipe);
        await bench.UploadAsync("few-nan-rows/a.npy", SmallRows.Npy(Spoiled(rows: 1, float.PositiveInfinity, of: 120)));
        await bench.UploadAsync("few-nan-rows/training.json", recipe);
        // It divides by no length, so a row of zeros is a row.
        await bench.UploadAsync("zero-rows-seed/a.npy", SmallRows.Npy(Zeroed(rows: 10)));
        await bench.UploadAsync("zero-rows-seed/training.json", """{"recipe":"seed","epochs":2,"scaleWithInputDims":true}"""u8.ToArray());
    }

    private static float[] Spoiled(int rows, float value, int of = RowsOfOne)
    {
        float[] values = SmallRows.Values(of, 3);
        for (int row = 0; row < rows; row++)
            values[(row * SmallRows.Dims) + row] = value;
        return values;
    }

    private static float[] Zeroed(int rows)
    {
        float[] values = SmallRows.Values(RowsOfOne, 4);
        values.AsSpan(0, rows * SmallRows.Dims).Clear();
        return values;
    }

    /// <summary>A .npy of a header and a few bytes.</summary>
    private static byte[] Header(string dict)
    {
        byte[] text = Encoding.ASCII.GetBytes(dict.PadRight(117) + "\n");
        return [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)text.Length, 0, .. text, 1, 2, 3, 4];
    }
}
