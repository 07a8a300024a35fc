package io.axolotl.jepsen.chaos.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where values stand along a line of a picture. Immutable.
 *
 * @param from the value at {@code start}
 * @param to the value at {@code end}
 * @param isLog whether equal distances are equal factors; then both values are positive
 */
record Axis(double from, double to, double start, double end, boolean isLog) {
    static Axis linear(double from, double to, double start, double end) {
        return new Axis(from, to > from ? to : from + 1, start, end, false);
    }

    static Axis log(double from, double to, double start, double end) {
        return new Axis(from, to > from ? to : from * 10, start, end, true);
    }

    /** The place of a value; one beyond the ends stands at the end. */
    double at(double value) {
        double share = isLog
                ? (Math.log(Math.max(value, from)) - Math.log(from)) / (Math.log(to) - Math.log(from))
                : (value - from) / (to - from);
        return start + Math.max(0, Math.min(1, share)) * (end - start);
    }

    /** A place as SVG wants it. */
    String text(double value) {
        return number(at(value));
    }

    static String number(double place) {
        String text = String.format(Locale.ROOT, "%.1f", place);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /** Round values, at most so many. On a logarithmic axis the powers of ten. */
    List<Double> ticks(int most, double... steps) {
        List<Double> ticks = new ArrayList<>();
        if (isLog) {
            for (double tick = Math.pow(10, Math.ceil(Math.log10(from) - 1e-9)); tick <= to * 1.000001; tick *= 10) {
                ticks.add(tick);
            }
            return ticks;
        }
        double step = step(most, steps);
        for (long n = (long) Math.ceil(from / step - 1e-9); n * step <= to * 1.000001; n++) {
            ticks.add(n * step);
        }
        return ticks;
    }

    private double step(int most, double... steps) {
        for (double step : steps) {
            if ((to - from) / step <= most) {
                return step;
            }
        }
        double step = Math.pow(10, Math.floor(Math.log10((to - from) / most)));
        while ((to - from) / step > most) {
            step *= (to - from) / (2 * step) <= most ? 2 : (to - from) / (5 * step) <= most ? 5 : 10;
        }
        return step;
    }

    /** The smallest round value that is not below. */
    static double roundUp(double value) {
        if (value <= 0) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double factor : new double[] {1, 1.5, 2, 3, 4, 5, 6, 8, 10}) {
            if (value <= factor * power * 1.000001) {
                return factor * power;
            }
        }
        return 10 * power;
    }
}
