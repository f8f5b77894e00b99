namespace HierEmbed.Pipeline.Reports;

/// <summary>How the page looks: on a phone, on a desk and on paper.</summary>
internal static class ReportStyle
{
    /// <summary>The style sheet. Light only: the charts are drawn on white.</summary>
    public const string Css = """
        :root { color-scheme: light; }
        * { box-sizing: border-box; }
        body { margin: 0; background: #fff; color: #1a1a1a; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 72rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; }
        h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.25rem 0 .5rem; padding-top: .75rem; border-top: 1px solid #bbb; }
        h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
        h4 { font-size: .875rem; margin: .5rem 0 .25rem; }
        p { margin: .5rem 0; max-width: 45rem; }
        .verdict { padding: .25rem 1rem; border: 1px solid #0072b2; border-left-width: 6px; }
        .note { color: #444; font-size: .875rem; }
        dl { margin: .5rem 0; }
        .facts { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .15rem 1rem; font-size: .9375rem; }
        dt { font-weight: 600; }
        dd { margin: 0; }
        .glossary dd { margin: 0 0 .6rem; max-width: 45rem; }
        .warning { border-left: 4px solid #c04e00; padding-left: .75rem; font-weight: 600; }
        /* Shadows at the edges that more of the table lies behind. */
        .scroll { overflow-x: auto; margin: .75rem 0; max-width: 100%; background: linear-gradient(to right, #fff 30%, #fff0) left / 2.5rem 100% no-repeat local, linear-gradient(to left, #fff 30%, #fff0) right / 2.5rem 100% no-repeat local, linear-gradient(to right, #0004, #0000) left / .6rem 100% no-repeat scroll, linear-gradient(to left, #0004, #0000) right / .6rem 100% no-repeat scroll; }
        table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
        caption { text-align: left; font-weight: 600; padding: .25rem 0; }
        caption span { position: sticky; left: 0; display: inline-block; max-width: calc(100vw - 2rem); }
        th, td { padding: .3rem .6rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top; }
        thead th { vertical-align: bottom; border-bottom: 2px solid #555; }
        tbody th { font-weight: 500; }
        .n { text-align: right; }
        td, tbody th { white-space: nowrap; }
        .wrap td { white-space: normal; overflow-wrap: anywhere; }
        .own th, .own td { background: #e8f1f8; font-weight: 700; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        figure { margin: 1rem 0; max-width: 40rem; }
        figure svg { display: block; width: 100%; height: auto; }
        figcaption { font-size: .875rem; color: #333; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: .25rem 0 .5rem; padding: 0; font-size: .875rem; }
        .legend li { display: flex; align-items: center; gap: .4rem; }
        .legend svg { width: 40px; height: 16px; flex: none; }
        .lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .25rem 1.25rem; }
        .lists ol { list-style: none; margin: 0; padding: 0; font-size: .875rem; }
        .lists li { display: flex; gap: .5rem; border-bottom: 1px solid #ddd; padding: .15rem 0; }
        .lists .mark { flex: none; width: 1em; font-weight: 700; }
        .lists bdi { flex: 1; min-width: 0; }
        .lists .true bdi { font-weight: 600; }
        .lists .score { flex: none; color: #444; font-variant-numeric: tabular-nums; }
        @media (max-width: 30rem) {
          table { font-size: .8125rem; }
          th, td { padding: .3rem .4rem; }
        }
        @page { margin: 15mm; }
        @media print {
          body { font-size: 10pt; }
          main { max-width: none; padding: 0; }
          h2, h2 + p, h3, h4, caption, thead { break-after: avoid; }
          figure, tr, p, .verdict, .example, .scroll { break-inside: avoid; }
          .wrap .scroll { break-inside: auto; }
          h2 { margin-top: 1.25rem; }
          figure { max-width: 10.5cm; }
          .scroll { overflow: visible; background: none; }
          .lists { grid-template-columns: repeat(3, 1fr); }
          table { font-size: 8pt; }
          th, td { padding: .15rem .4rem; }
        }

        """;
}
