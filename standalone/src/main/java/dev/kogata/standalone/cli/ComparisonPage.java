package dev.kogata.standalone.cli;

import java.util.stream.Collectors;

/** A comparison as one HTML file without scripts, for browsers and paper. Stateless. */
final class ComparisonPage {
    private static final String PAGE = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="color-scheme" content="light dark">
            <title>%1$s against %2$s</title><style>
            html { font: 16px/1.5 system-ui, sans-serif; } body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; } h1 { font-size: 1.6rem; overflow-wrap: anywhere; }
            div { overflow-x: auto; } table { border-collapse: collapse; width: 100%%; font-variant-numeric: tabular-nums; } th, td { text-align: right; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; }
            th[scope=row] { text-align: left; font-weight: 450; } thead th { overflow-wrap: anywhere; }
            </style></head><body><main><h1>%1$s against %2$s</h1><div><table><thead><tr><td></td><th scope="col">%1$s</th><th scope="col">%2$s</th><th scope="col">change</th></tr></thead><tbody>
            %3$s
            </tbody></table></div><ul>
            %4$s
            </ul></main></body></html>
            """;

    private ComparisonPage() {
    }

    static String of(Comparison comparison) {
        String rows = comparison.rows().stream().map(row -> "<tr><th scope=\"row\">" + text(row.label()) + "</th><td>" + text(row.shownFirst()) + "</td><td>" + text(row.shownSecond())
                + "</td><td>" + text(row.change()) + "</td></tr>").collect(Collectors.joining("\n"));
        String remarks = comparison.remarks().stream().map(remark -> "<li>" + text(remark) + "</li>").collect(Collectors.joining("\n"));
        return PAGE.formatted(text(comparison.names().get(0)), text(comparison.names().get(1)), rows, remarks);
    }

    /** Names are anybody's; as text they are never markup. */
    private static String text(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
