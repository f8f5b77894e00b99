using System.Diagnostics;

namespace HierEmbed.Benchmarks.Training;

/// <summary>Another process that keeps two cores busy until it is disposed of.</summary>
internal sealed class BusyCores : IDisposable
{
    private readonly Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, "busy") { RedirectStandardInput = true })!;

    /// <summary>The process: two threads that count until its input ends.</summary>
    public static void Spin()
    {
        bool stopped = false;
        for (int i = 0; i < 2; i++)
        {
            new Thread(() =>
            {
                while (!Volatile.Read(ref stopped))
                    Thread.SpinWait(1000);
            }).Start();
        }
        Console.In.ReadToEnd();
        Volatile.Write(ref stopped, true);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
