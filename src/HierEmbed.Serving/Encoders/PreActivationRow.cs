namespace HierEmbed.Serving.Encoders;

/// <summary>Takes the pre-activations of one row; they are valid only during the call.</summary>
/// <param name="row">Row number in the call, from 0.</param>
/// <param name="preActivations">What the encoder's graph computes, <c>[latentDims]</c>.</param>
public delegate void PreActivationRow(int row, ReadOnlySpan<float> preActivations);
