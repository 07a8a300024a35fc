package io.axolotl.jepsen.process;

import java.util.List;
import java.util.Locale;

/** Numbers as people read them. */
public final class Text {
    private Text() {}

    /** Three significant places at most: {@code 12 us}, {@code 3.1 ms}, {@code 1.26 s}. */
    public static String duration(long nanos) {
        if (nanos < 1_000_000) {
            return nanos / 1_000 + " us";
        }
        if (nanos < 10_000_000) {
            return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
        }
        if (nanos < 1_000_000_000) {
            return nanos / 1_000_000 + " ms";
        }
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    /** {@code 5 s}, {@code 0.3 s}. */
    public static String seconds(long nanos) {
        double seconds = nanos / 1e9;
        return seconds == Math.rint(seconds)
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.1f s", seconds);
    }

    /** Powers of 1024: {@code 512 B}, {@code 1.5 MiB}. */
    public static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        if (bytes < 1 << 20) {
            return String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0);
        }
        if (bytes < 1 << 30) {
            return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
        }
        return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1 << 30));
    }

    /** With thousands apart: {@code 12,345}. */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** {@code count(n) + " " + noun}, the noun in the plural unless it is one. */
    public static String count(long count, String noun, String plural) {
        return count(count) + " " + (count == 1 ? noun : plural);
    }

    /** {@code median / p90 / worst} of at least one figure, rounded to whole ones. */
    public static String spread(List<Double> figures) {
        List<Double> sorted = figures.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%.0f / %.0f / %.0f",
                percentile(sorted, 0.5),
                percentile(sorted, 0.9),
                sorted.get(sorted.size() - 1));
    }

    /** The smallest value that at least this share of the values does not exceed. */
    public static double percentile(List<Double> sorted, double share) {
        return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
    }
}
