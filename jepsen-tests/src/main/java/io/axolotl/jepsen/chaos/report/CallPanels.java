package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.measure.CallSeries;
import io.axolotl.jepsen.chaos.measure.CallSeries.Latency;
import io.axolotl.jepsen.chaos.measure.CallSeries.Slice;
import io.axolotl.jepsen.process.Text;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToLongFunction;

/** What clients saw over time: operations per second by outcome, latency, errors. */
final class CallPanels {
    private static final double RATE = 120;
    private static final double LATENCY = 150;
    private static final double ERRORS = 62;
    private static final double HEADING = 34;

    private final Frame frame;
    private final CallSeries calls;

    CallPanels(Frame frame, CallSeries calls) {
        this.frame = frame;
        this.calls = calls;
    }

    double height() {
        return 3 * HEADING + RATE + LATENCY + ERRORS;
    }

    void draw(double top) {
        double y = top + HEADING;
        rates(y);
        y += RATE + HEADING;
        latency(y);
        y += LATENCY + HEADING;
        errors(y);
        for (int slice = 0; slice < calls.slices().size(); slice++) {
            frame.bar(
                    "hover",
                    calls.fromNanos(slice),
                    calls.fromNanos(slice + 1),
                    top + HEADING,
                    height() - HEADING,
                    1,
                    title(slice));
        }
    }

    private String title(int number) {
        Slice slice = calls.slices().get(number);
        Latency latency = slice.latency();
        return Words.clock(calls.fromNanos(number)) + "\ndone " + rate(slice.done()) + "\nunknown "
                + rate(slice.unknown()) + "\nrefused " + rate(slice.refused())
                + (latency == null
                        ? "\nno answers"
                        : "\np50 " + Text.duration(latency.p50Nanos()) + "\np99 " + Text.duration(latency.p99Nanos())
                                + "\nmax " + Text.duration(latency.maxNanos()));
    }

    private String rate(long count) {
        return Text.count(Math.round(calls.perSecond(count))) + "/s";
    }

    private double most(ToLongFunction<Slice> count) {
        return Axis.roundUp(calls.slices().stream()
                .mapToDouble(slice -> calls.perSecond(count.applyAsLong(slice)))
                .max()
                .orElse(0));
    }

    private void rates(double top) {
        Axis axis = Axis.linear(0, most(slice -> slice.done() + slice.errors()), top + RATE, top);
        frame.heading(
                top - 10,
                "Operations per second",
                List.of(
                        Frame.Mark.area("done", "done"),
                        Frame.Mark.area("unknown", "unknown outcome"),
                        Frame.Mark.area("refused", "refused")));
        frame.scale(axis, axis.ticks(4), CallPanels::count);
        // One behind the other: what is seen of each is its own share.
        area("refused", axis, slice -> slice.done() + slice.errors());
        area("unknown", axis, slice -> slice.done() + slice.unknown());
        area("done", axis, Slice::done);
    }

    private void errors(double top) {
        Axis axis = Axis.linear(0, most(Slice::errors), top + ERRORS, top);
        frame.heading(
                top - 10,
                "Errors per second",
                List.of(Frame.Mark.area("unknown", "unknown outcome"), Frame.Mark.area("refused", "refused")));
        frame.scale(axis, axis.ticks(3), CallPanels::count);
        area("refused", axis, Slice::errors);
        area("unknown", axis, Slice::unknown);
    }

    private static String count(double value) {
        return value >= 10_000
                ? Text.count(Math.round(value / 1_000)) + "k"
                : value == Math.rint(value) ? Text.count(Math.round(value)) : String.format(Locale.ROOT, "%.1f", value);
    }

    private void area(String kind, Axis axis, ToLongFunction<Slice> count) {
        StringBuilder path = new StringBuilder("M")
                .append(Axis.number(frame.x(0)))
                .append(' ')
                .append(axis.text(0));
        boolean isEmpty = true;
        for (int slice = 0; slice < calls.slices().size(); slice++) {
            long value = count.applyAsLong(calls.slices().get(slice));
            isEmpty &= value == 0;
            path.append('V')
                    .append(axis.text(calls.perSecond(value)))
                    .append('H')
                    .append(Axis.number(frame.x(calls.fromNanos(slice + 1))));
        }
        if (!isEmpty) {
            frame.svg
                    .empty(
                            "path",
                            "class",
                            kind,
                            "d",
                            path.append('V').append(axis.text(0)).append('Z'))
                    .line();
        }
    }

    private void latency(double top) {
        List<Latency> known = calls.slices().stream()
                .map(Slice::latency)
                .filter(Objects::nonNull)
                .toList();
        frame.heading(
                top - 10,
                "Latency of what was done, by when it was asked",
                List.of(
                        Frame.Mark.stroke("p50", "p50"),
                        Frame.Mark.stroke("p99", "p99"),
                        Frame.Mark.stroke("max", "longest")));
        double least = known.stream().mapToLong(Latency::p50Nanos).min().orElse(1_000_000);
        double most = known.stream().mapToLong(Latency::maxNanos).max().orElse(1_000_000_000);
        Axis axis = Axis.log(
                Math.pow(10, Math.floor(Math.log10(Math.max(1_000, least)))),
                Math.pow(10, Math.ceil(Math.log10(Math.max(10_000, most)))),
                top + LATENCY,
                top);
        frame.scale(axis, axis.ticks(0), CallPanels::power);
        path("max", axis, Latency::maxNanos);
        path("p99", axis, Latency::p99Nanos);
        path("p50", axis, Latency::p50Nanos);
    }

    /** A value of an axis of powers of ten. */
    static String power(double nanos) {
        return nanos >= 999_999_999.0
                ? String.format(Locale.ROOT, "%.0f s", nanos / 1e9)
                : nanos >= 999_999
                        ? String.format(Locale.ROOT, "%.0f ms", nanos / 1e6)
                        : String.format(Locale.ROOT, nanos >= 99_999 ? "%.1f ms" : "%.2f ms", nanos / 1e6);
    }

    /** A line with gaps where nothing was answered; what stands alone is a dot. */
    private void path(String kind, Axis axis, ToLongFunction<Latency> figure) {
        StringBuilder path = new StringBuilder();
        boolean isDown = false;
        for (int number = 0; number < calls.slices().size(); number++) {
            Latency latency = calls.slices().get(number).latency();
            if (latency != null) {
                double x = (frame.x(calls.fromNanos(number)) + frame.x(calls.fromNanos(number + 1))) / 2;
                path.append(isDown ? 'L' : 'M')
                        .append(Axis.number(x))
                        .append(' ')
                        .append(axis.text((double) figure.applyAsLong(latency)))
                        .append(isDown ? "" : "h.01");
            }
            isDown = latency != null;
        }
        if (path.length() > 0) {
            frame.svg.empty("path", "class", kind, "d", path).line();
        }
    }
}
