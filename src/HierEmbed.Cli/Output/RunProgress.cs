using System.Globalization;
using HierEmbed.Serving.Runs;

namespace HierEmbed.Cli.Output;

/// <summary>Shows a run's steps and epochs on standard error as they pass: a line for each in a log, a line redrawn in a terminal.</summary>
internal sealed class RunProgress
{
    private readonly HashSet<string> said = [];
    private string? step;
    private int epoch;
    private int nextLine;
    private int width;

    /// <summary>Shows the step at work and the newest epoch, in the order of their time.</summary>
    public void Show(RunView run)
    {
        // Epochs belong to the training: a later step that is seen first comes after them.
        if (run.Step == "train")
            ShowStep(run.Step);
        ShowEpoch(run);
        if (run.Step is not null and not "train")
            ShowStep(run.Step);
    }

    /// <summary>Ends a line that was being redrawn.</summary>
    public void EndLine()
    {
        if (width > 0)
            Console.Error.WriteLine();
        width = 0;
    }

    private void ShowStep(string current)
    {
        if (current == step)
            return;
        EndLine();
        // Once each: a step may be taken up again, by a run that is resumed.
        if (said.Add(current) && (current != "train" || !Consoles.IsLive))
            Console.Error.WriteLine($"  {current}");
        step = current;
    }

    private void ShowEpoch(RunView run)
    {
        if (run.Epoch is not { } current || current <= epoch)
            return;
        epoch = current;
        if (Consoles.IsLive)
            Redraw(Line(run, bar: true));
        else if (IsWorthALine(run))
            Console.Error.WriteLine($"  {Line(run, bar: false)}");
    }

    private static string Line(RunView run, bool bar)
    {
        const int cells = 20;
        int full = (int)(cells * (run.Percent ?? 0) / 100);
        string drawn = bar ? $"[{new string('#', full)}{new string('.', cells - full)}] " : string.Empty;
        return string.Create(CultureInfo.InvariantCulture,
            $"train {drawn}epoch {run.Epoch}/{run.Epochs}  loss {run.TrainLoss:F4}  validation {run.ValidationLoss:F4}  FVU {run.Fvu:F3}  L0 {run.L0:F0}  dead {100 * run.DeadFraction:F1} %  {run.SamplesPerSecond:F0} rows/s");
    }

    /// <summary>In a log: about ten lines a training.</summary>
    private bool IsWorthALine(RunView run)
    {
        if (epoch < nextLine && run.Percent < 100)
            return false;
        nextLine = epoch + Math.Max(1, (run.Epochs ?? 1) / 10);
        return true;
    }

    private void Redraw(string line)
    {
        line = "  " + line;
        int limit = Math.Max(20, Consoles.Progress.Profile.Width - 1);
        line = line.Length > limit ? line[..limit] : line;
        Console.Error.Write("\r" + line.PadRight(width));
        width = line.Length;
    }
}
