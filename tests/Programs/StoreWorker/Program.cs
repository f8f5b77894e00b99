// One of several processes on one folder. It says "ready", waits for a line, and then:
//   put <root> <name> <content>     puts if absent, prints won or lost
//   count <root> <dataset> <times>  takes numbers, prints them
//   rewrite <root> <name> <bytes>   rewrites an artifact until it is killed, each time with another byte throughout
using System.Text;
using HierEmbed.Storage;
using HierEmbed.Storage.Folders;
using HierEmbed.Storage.Runs;

var store = new FolderStore(args[1]);
Console.WriteLine("ready");
Console.ReadLine();
switch (args[0])
{
    case "put":
        string? etag = await store.WriteBytesAsync(args[2], Encoding.UTF8.GetBytes(args[3]), WriteCondition.IfAbsent);
        Console.WriteLine(etag is null ? "lost" : "won");
        break;
    case "count":
        var counter = new SequenceCounter(store);
        for (int i = int.Parse(args[3], null); i > 0; i--)
            Console.WriteLine(await counter.NextAsync(args[2]));
        break;
    case "rewrite":
        byte[] content = new byte[int.Parse(args[3], null)];
        for (byte value = 0; ; value++)
        {
            Array.Fill(content, value);
            await store.WriteBytesAsync(args[2], content, WriteCondition.Always);
        }
    default:
        throw new ArgumentException(args[0]);
}
