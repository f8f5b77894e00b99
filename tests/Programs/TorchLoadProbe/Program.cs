// Prints 10 where Torch loads from the folder that this program lies in.
using TorchSharp;

using torch.Tensor sum = torch.arange(5, torch.ScalarType.Float32).sum();
Console.WriteLine(sum.ToSingle().ToString("R", System.Globalization.CultureInfo.InvariantCulture));
