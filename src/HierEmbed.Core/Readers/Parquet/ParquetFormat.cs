namespace HierEmbed.Core.Readers.Parquet;

/// <summary>Apache Parquet, https://parquet.apache.org: one column of lists of numbers, as data frames and the Hugging Face hub write embeddings.</summary>
internal static class ParquetFormat
{
    public static EmbeddingFormat Format { get; } =
        new("a Parquet file (.parquet)", [".parquet", ".pq"], head => head.StartsWith("PAR1"u8) || head.StartsWith("PARE"u8), ParquetReader.Open);
}
