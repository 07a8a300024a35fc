package io.axolotl.jepsen.chaos.report;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The paper of a timeline: one axis of time, panels below each other that share it, and a gutter on the left for what they are called. Units are
 * those of the picture, about a pixel each. Confined to one thread.
 */
final class Frame {
    static final double WIDTH = 1200;
    static final double LEFT = 96;
    static final double RIGHT = 14;

    private static final double[] TIME_STEPS = {
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200
    };
    /** A character of a small label, in the widest of the usual fonts. */
    static final double SMALL = 6.9;

    private static final int MOST_TICKS = 13;

    final Axis time;
    final Html svg;
    private final List<Double> ticks;

    /** @param untilNanos the right end */
    Frame(Html svg, long untilNanos) {
        this.svg = svg;
        this.time = Axis.linear(0, Math.max(1, untilNanos / 1e9), LEFT, WIDTH - RIGHT);
        this.ticks = time.ticks(MOST_TICKS, TIME_STEPS);
    }

    /** The place of a moment. */
    double x(long nanos) {
        return time.at(nanos / 1e9);
    }

    void text(double x, double y, String kind, String text) {
        svg.leaf("text", text, "x", Axis.number(x), "y", Axis.number(y), "class", kind)
                .line();
    }

    /** A bar from one moment to another, never too thin to be seen. */
    void bar(String kind, long fromNanos, long toNanos, double y, double height, double least, String title) {
        double from = x(fromNanos);
        svg.open(
                "rect",
                "class",
                kind,
                "x",
                Axis.number(from),
                "y",
                Axis.number(y),
                "width",
                Axis.number(Math.max(least, x(toNanos) - from)),
                "height",
                Axis.number(height));
        if (!title.isEmpty()) {
            svg.leaf("title", title);
        }
        svg.close().line();
    }

    void line(String kind, double x1, double y1, double x2, double y2) {
        line(svg, kind, x1, y1, x2, y2);
    }

    static void line(Html svg, String kind, double x1, double y1, double x2, double y2) {
        svg.empty(
                        "line",
                        "class",
                        kind,
                        "x1",
                        Axis.number(x1),
                        "y1",
                        Axis.number(y1),
                        "x2",
                        Axis.number(x2),
                        "y2",
                        Axis.number(y2))
                .line();
    }

    /** The heading of a panel and the marks that explain it. */
    void heading(double y, String name, List<Mark> legend) {
        text(LEFT, y, "heading", name);
        double x = LEFT + 8 + width(name, 8.6);
        for (Mark mark : legend) {
            svg.empty(
                    "rect",
                    "class",
                    mark.kind,
                    "x",
                    Axis.number(x + 8),
                    "y",
                    Axis.number(y - 8.5),
                    "width",
                    "10",
                    "height",
                    Axis.number(mark.height),
                    "transform",
                    "translate(0 " + Axis.number((9 - mark.height) / 2) + ")");
            text(x + 22, y, "small", mark.name);
            x += 30 + width(mark.name, SMALL);
        }
    }

    /**
     * An entry of a legend.
     *
     * @param height of its sample: low for lines
     */
    record Mark(String kind, String name, double height) {
        static Mark area(String kind, String name) {
            return new Mark(kind, name, 9);
        }

        static Mark stroke(String kind, String name) {
            return new Mark(kind + " sample", name, 3);
        }
    }

    /** How wide a text is, about. */
    static double width(String text, double perCharacter) {
        return text.codePointCount(0, text.length()) * perCharacter;
    }

    /** Vertical lines at round times. */
    void grid(double top, double bottom) {
        for (double tick : ticks) {
            line("grid", time.at(tick), top, time.at(tick), bottom);
        }
    }

    /** What the vertical lines stand for. */
    void timeLabels(double y) {
        double last = ticks.isEmpty() ? 0 : ticks.get(ticks.size() - 1);
        for (double tick : ticks) {
            text(
                    time.at(tick),
                    y,
                    tick == last && time.at(tick) > WIDTH - 40 ? "tick end" : "tick middle",
                    label(tick));
        }
    }

    private String label(double seconds) {
        long whole = Math.round(seconds);
        if (time.to() <= 120) {
            return whole + " s";
        }
        return whole >= 3600
                ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
    }

    /** Horizontal lines of a panel with their values in the gutter. */
    void scale(Axis axis, List<Double> values, Function<Double, String> words) {
        for (double value : values) {
            double y = axis.at(value);
            line("grid", LEFT, y, WIDTH - RIGHT, y);
            text(LEFT - 8, y + 3.8, "tick end", words.apply(value));
        }
    }
}
