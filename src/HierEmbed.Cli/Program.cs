System.Console.WriteLine("hierembed");
