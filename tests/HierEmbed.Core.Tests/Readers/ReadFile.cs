using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

internal sealed record ReadFile(
    EmbeddingFileInfo Info, List<float[]> Rows, List<long> Sources, List<RowLabels> Labels, RowRejections Rejections, long RowsInFile);
