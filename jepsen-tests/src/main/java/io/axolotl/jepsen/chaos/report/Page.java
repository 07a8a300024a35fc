package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.measure.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The parts that all pages are made of. Confined to one thread. */
final class Page {
    private static final int LONGEST_LINE = 34;
    private static final String STYLE = style();

    private final Html html = new Html();

    Page(String title) {
        html.raw("<!DOCTYPE html>\n")
                .open("html", "lang", "en")
                .line()
                .open("head")
                .line()
                .empty("meta", "charset", "utf-8")
                .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .leaf("title", title)
                .line()
                // Nothing is loaded, whatever a run may have written: the browser is told so, too.
                .empty(
                        "meta",
                        "http-equiv",
                        "Content-Security-Policy",
                        "content",
                        "default-src 'none'; style-src 'unsafe-inline'")
                .line()
                .open("style")
                .raw("\n" + STYLE)
                .close()
                .line()
                .close()
                .line()
                .open("body")
                .line();
    }

    private static String style() {
        try (InputStream in = Page.class.getResourceAsStream("/io/axolotl/jepsen/chaos/report.css")) {
            if (in == null) {
                throw new IllegalStateException("report.css is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read report.css", e);
        }
    }

    Html html() {
        return html;
    }

    String whole() {
        return html.close().line().close().line().toString();
    }

    static String kind(Verdict.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    void chip(Verdict.Kind kind) {
        html.leaf("span", kind.name(), "class", "chip " + kind(kind));
    }

    /** A figure that is to be seen at once. */
    void tile(String name, String figure, String explanation) {
        html.open("div", "class", "tile")
                .leaf("span", name, "class", "name")
                .leaf("b", figure)
                .leaf("span", explanation)
                .close()
                .line();
    }

    void heading(String text) {
        html.leaf("h2", text).line();
    }

    void note(String text) {
        html.leaf("p", text, "class", "note").line();
    }

    /**
     * Opens a table whose columns come in groups of the same names.
     *
     * @param groups above the columns, after the first of them
     * @param columns of each group, all of figures
     */
    void table(String first, List<String> groups, List<String> columns) {
        html.open("div", "class", "wide").open("table").open("thead").open("tr");
        html.leaf("th", first, "rowspan", "2");
        groups.forEach(group -> html.leaf("th", group, "class", "group", "colspan", columns.size()));
        html.close().open("tr");
        groups.forEach(group -> columns.forEach(column -> html.leaf("th", column, "class", "n")));
        html.close().close().line().open("tbody").line();
    }

    /**
     * Opens a table.
     *
     * @param columns a leading {@code #} stands for a column of figures
     */
    void table(List<String> columns) {
        html.open("div", "class", "wide").open("table").open("thead").open("tr");
        for (String column : columns) {
            if (column.startsWith("#")) {
                html.leaf("th", column.substring(1), "class", "n");
            } else {
                html.leaf("th", column);
            }
        }
        html.close().close().line().open("tbody").line();
    }

    void endTable() {
        html.close().close().close().line();
    }

    void cell(String text) {
        html.leaf("td", text);
    }

    void figure(String text) {
        html.leaf("td", text, "class", "n");
    }

    /** How a time was distributed: its median, and below it the longest. */
    void spread(@Nullable Figures figures) {
        html.open("td", "class", "n");
        if (figures == null || figures.minNanos() == figures.maxNanos()) {
            html.text(Words.spread(figures));
        } else {
            html.open("span", "title", "median / p95 / longest: " + Words.spread(figures))
                    .text(Words.duration((Long) figures.medianNanos()))
                    .leaf("small", "≤ " + Words.duration((Long) figures.maxNanos()))
                    .close();
        }
        html.close();
    }

    /** A cell that begins a row: not broken at its hyphens unless it is long. */
    void name(String text, String below) {
        html.open("td", "class", text.length() <= LONGEST_LINE ? "name" : "names")
                .text(text);
        if (!below.isEmpty()) {
            html.leaf("small", below);
        }
        html.close();
    }

    /** A cell with a second, smaller line if there is something to say in it. */
    void cell(String text, String below) {
        html.open("td").text(text);
        if (!below.isEmpty()) {
            html.leaf("small", below);
        }
        html.close();
    }

    /** Names and values. */
    void pairs(Map<String, String> pairs) {
        html.open("dl");
        new TreeMap<>(pairs)
                .forEach(
                        (name, value) -> html.leaf("dt", name).leaf("dd", value).line());
        html.close().line();
    }

    void verdict(Verdict verdict, String of) {
        html.open("div", "class", "verdict");
        chip(verdict.kind());
        html.leaf("b", verdict.judge());
        if (!of.isEmpty()) {
            html.leaf("span", of + " ", "class", "soft");
        }
        html.text(verdict.summary());
        if (!verdict.evidence().isEmpty()) {
            Object[] open = verdict.isViolated() ? new Object[] {"open", "open"} : new Object[] {};
            html.open("details", open)
                    .leaf("summary", "evidence", "class", "soft")
                    .leaf("pre", String.join("\n", verdict.evidence()))
                    .close();
        }
        html.close().line();
    }
}
