namespace HierEmbed.Core.Models;

/// <summary>An int8 encoder beside the float32 one of the same weights.</summary>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="Float32Bytes">Bytes that it would have.</param>
/// <param name="VectorsPerSecond">Rows to codes on one thread, measured over a few batches when the model was evaluated: the machine's figure as much as the model's.</param>
/// <param name="Float32VectorsPerSecond">The same with the other encoder, by turns with this one.</param>
/// <param name="ByK">How the codes differ, for each k that the recipe trains for.</param>
public sealed record QuantizedEncoderMetrics(long Bytes, long Float32Bytes, double VectorsPerSecond, double Float32VectorsPerSecond, IReadOnlyList<QuantizedCodesAtK> ByK);
