package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.measure.Cycle;
import io.axolotl.jepsen.chaos.measure.Figures;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import io.axolotl.jepsen.chaos.measure.View;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Every sample of the time without service as a dot, a row per kind of fault and target, on an axis of powers of ten. */
final class RecoveryPicture {
    private static final double LEFT = 250;
    private static final double RIGHT = 40;
    private static final double TOP = 30;
    private static final double ROW = 19;
    private static final double GAP = 9;
    /** A bucket: nothing shorter can be seen. Samples without any loss stand left of it. */
    private static final double LEAST_NANOS = 50e6;

    private RecoveryPicture() {}

    /** Kinds of faults, then targets, then times without service in order. */
    private static Map<String, Map<String, List<Long>>> samples(List<RunMeasure> runs) {
        Map<String, Map<String, List<Long>>> samples = new TreeMap<>();
        for (RunMeasure run : runs) {
            for (Cycle cycle : run.cycles()) {
                if (!run.isVoid()
                        && !cycle.isQuiet()
                        && cycle.whyVoid().isEmpty()
                        && cycle.view() == View.SMART
                        && cycle.kind().equals(Tables.WRITE)) {
                    samples.computeIfAbsent(cycle.faults(), faults -> new TreeMap<>())
                            .computeIfAbsent(run.target(), target -> new ArrayList<>())
                            .add(cycle.downNanos());
                }
            }
        }
        samples.values().forEach(targets -> targets.values().forEach(list -> list.sort(Comparator.naturalOrder())));
        return samples;
    }

    static Html draw(List<RunMeasure> runs) {
        Map<String, Map<String, List<Long>>> samples = samples(runs);
        Html svg = new Html();
        if (samples.isEmpty()) {
            return svg;
        }
        int rows = samples.values().stream().mapToInt(Map::size).sum();
        double bottom = TOP + rows * ROW + samples.size() * GAP;
        double most = samples.values().stream()
                .flatMap(targets -> targets.values().stream())
                .mapToLong(list -> list.get(list.size() - 1))
                .max()
                .orElse(0);
        Axis axis = Axis.log(
                LEAST_NANOS, Math.pow(10, Math.ceil(Math.log10(Math.max(1e9, most)))), LEFT + 60, Frame.WIDTH - RIGHT);
        svg.open(
                        "svg",
                        "xmlns",
                        "http://www.w3.org/2000/svg",
                        "viewBox",
                        "0 0 " + Axis.number(Frame.WIDTH) + " " + Axis.number(bottom + 24),
                        "role",
                        "img",
                        "aria-label",
                        "Time without service by kind of fault")
                .line();
        legend(svg, runs);
        scale(svg, axis, bottom);
        double y = TOP + GAP / 2;
        for (Map.Entry<String, Map<String, List<Long>>> faults : samples.entrySet()) {
            text(
                    svg,
                    LEFT - 64,
                    y + faults.getValue().size() * ROW / 2 + 4,
                    "member end",
                    shorten(faults.getKey()),
                    faults.getKey());
            for (Map.Entry<String, List<Long>> target : faults.getValue().entrySet()) {
                row(svg, axis, y + ROW / 2, target.getKey(), target.getValue());
                y += ROW;
            }
            y += GAP;
        }
        svg.close().line();
        return svg;
    }

    private static String shorten(String faults) {
        return faults.length() <= 28 ? faults : faults.substring(0, 27) + "…";
    }

    private static String colour(String target) {
        return target.equals("axolotl") || target.equals("etcd") ? target : "other";
    }

    private static void legend(Html svg, List<RunMeasure> runs) {
        double x = LEFT + 60;
        for (String target :
                runs.stream().map(RunMeasure::target).distinct().sorted().toList()) {
            dot(svg, x + 4, 10, colour(target), "");
            text(svg, x + 13, 14, "small", target, "");
            x += 34 + Frame.width(target, 6);
        }
        Frame.line(svg, "median", x + 2, 5, x + 2, 16);
        text(svg, x + 10, 14, "small", "median", "");
    }

    private static void scale(Html svg, Axis axis, double bottom) {
        List<Double> values = new ArrayList<>(List.of(LEAST_NANOS));
        values.addAll(axis.ticks(0));
        for (double value : values) {
            Frame.line(svg, "grid", axis.at(value), TOP - 4, axis.at(value), bottom);
            text(svg, axis.at(value), bottom + 16, "tick middle", CallPanels.power(value), "");
        }
        Frame.line(svg, "grid", LEFT + 20, TOP - 4, LEFT + 20, bottom);
        text(svg, LEFT + 20, bottom + 16, "tick middle", "none", "");
    }

    private static double place(Axis axis, long nanos) {
        return nanos == 0 ? LEFT + 20 : axis.at((double) nanos);
    }

    private static void row(Html svg, Axis axis, double y, String target, List<Long> samples) {
        text(svg, LEFT - 56, y + 4, "tick", target, "");
        Frame.line(svg, "base", LEFT, y, Frame.WIDTH - RIGHT, y);
        for (int i = 0; i < samples.size(); i++) {
            // Two dots at one place are both seen: each stands a little off the line, in turn.
            double shift = samples.size() == 1 ? 0 : (i % 3 - 1) * 3.5;
            dot(
                    svg,
                    place(axis, samples.get(i)),
                    y + shift,
                    colour(target),
                    target + ": " + Words.duration(samples.get(i)));
        }
        Figures figures = Figures.of(samples);
        if (figures != null) {
            double x = place(axis, figures.medianNanos());
            Frame.line(svg, "median", x, y - 8, x, y + 8);
        }
    }

    private static void dot(Html svg, double x, double y, String kind, String title) {
        svg.open("circle", "class", "dot " + kind, "cx", Axis.number(x), "cy", Axis.number(y), "r", "4.2");
        if (!title.isEmpty()) {
            svg.leaf("title", title);
        }
        svg.close();
    }

    private static void text(Html svg, double x, double y, String kind, String text, String title) {
        svg.open("text", "x", Axis.number(x), "y", Axis.number(y), "class", kind)
                .text(text);
        if (!title.equals(text) && !title.isEmpty()) {
            svg.leaf("title", title);
        }
        svg.close().line();
    }
}
