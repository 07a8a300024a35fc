package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.measure.Figures;
import io.axolotl.jepsen.process.Text;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures as the pages show them. What did not happen is a dash. */
final class Words {
    static final String NONE = "–";

    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Words() {}

    static String duration(@Nullable Long nanos) {
        if (nanos == null) {
            return NONE;
        }
        if (nanos == 0) {
            return "0";
        }
        if (nanos < 0) {
            return "-" + duration(-nanos);
        }
        if (nanos < 100_000_000_000L) {
            return Text.duration(nanos);
        }
        return nanos < 7_200_000_000_000L
                ? String.format(Locale.ROOT, "%.1f min", nanos / 60e9)
                : String.format(Locale.ROOT, "%.1f h", nanos / 3600e9);
    }

    static String duration(@Nullable Double nanos) {
        return nanos == null ? NONE : duration((Long) Math.round(nanos));
    }

    /** {@code median / p95 / max} in one unit, or the one figure if there is one. */
    static String spread(@Nullable Figures figures) {
        if (figures == null) {
            return NONE;
        }
        if (figures.count() == 1 || figures.minNanos() == figures.maxNanos()) {
            return duration((Long) figures.medianNanos());
        }
        long most = figures.maxNanos();
        String unit = most < 10_000_000L ? "us" : most < 10_000_000_000L ? "ms" : "s";
        double nanos = unit.equals("us") ? 1e3 : unit.equals("ms") ? 1e6 : 1e9;
        String format = unit.equals("s") ? "%.1f / %.1f / %.1f s" : "%.0f / %.0f / %.0f " + unit;
        return String.format(
                Locale.ROOT,
                format,
                figures.medianNanos() / nanos,
                figures.p95Nanos() / nanos,
                figures.maxNanos() / nanos);
    }

    /**
     * A share of the time in percent, with as many places that two digits of what is missing are seen: nines that are not there are not claimed.
     */
    static String share(@Nullable Double share) {
        if (share == null) {
            return NONE;
        }
        if (share >= 1) {
            return "100 %";
        }
        BigDecimal missing = BigDecimal.ONE
                .subtract(BigDecimal.valueOf(share))
                .movePointRight(2)
                .round(new MathContext(2, RoundingMode.UP));
        return BigDecimal.valueOf(100)
                        .subtract(missing)
                        .setScale(Math.max(1, missing.scale()), RoundingMode.DOWN)
                        .toPlainString()
                + " %";
    }

    /** Time of a run: {@code 83.4 s} as {@code 1:23.4}. */
    static String clock(long nanos) {
        long tenths = Math.floorDiv(nanos, 100_000_000L);
        return String.format(Locale.ROOT, "%d:%02d.%d", tenths / 600, tenths / 10 % 60, tenths % 10);
    }

    static String moment(long epochMillis) {
        return MOMENT.format(Instant.ofEpochMilli(epochMillis));
    }

    /** What to type to have the run again: the setting {@code command}, if whoever made the run left one. */
    static String command(RunRecord run) {
        String left = run.settings().get("command");
        if (left != null) {
            return left;
        }
        String planted = run.settings().get(RunRecord.PLANTED);
        return "./axolotl chaos --target " + quote(run.target()) + " --nodes " + run.nodes() + " --workload "
                + quote(run.workload()) + " --nemesis " + quote(run.nemesis()) + " --minutes "
                + BigDecimal.valueOf(run.minutes()).stripTrailingZeros().toPlainString() + " --seed " + run.seed()
                + (planted == null ? "" : " --plant " + quote(planted));
    }

    private static String quote(String word) {
        return word.matches("[\\w.,:/@%+=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
