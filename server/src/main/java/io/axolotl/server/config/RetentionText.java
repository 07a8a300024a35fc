package io.axolotl.server.config;

import io.axolotl.server.config.ServerConfig.Retention;
import java.math.BigDecimal;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much history is to be kept, as etcd's users write it: a number is of hours or of revisions, as the mode says; a
 * duration as {@code 30m} or {@code 1h30m} is one. Stateless.
 */
final class RetentionText {
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h)");
    private static final Map<String, TimeUnit> UNITS = Map.of(
            "ns", TimeUnit.NANOSECONDS,
            "us", TimeUnit.MICROSECONDS,
            "µs", TimeUnit.MICROSECONDS,
            "ms", TimeUnit.MILLISECONDS,
            "s", TimeUnit.SECONDS,
            "m", TimeUnit.MINUTES,
            "h", TimeUnit.HOURS);

    private RetentionText() {}

    static Retention parse(boolean isOfRevisions, String text) {
        if (text.matches("\\d+")) {
            BigDecimal number = new BigDecimal(text);
            long unit = isOfRevisions ? 1 : TimeUnit.HOURS.toNanos(1);
            return new Retention(isOfRevisions, exact(text, number.multiply(BigDecimal.valueOf(unit))));
        }
        if (isOfRevisions) {
            throw new ConfigException(Setting.AUTO_COMPACTION_RETENTION.flag() + " is \"" + text
                    + "\" and --auto-compaction-mode revision; give the number of revisions to keep");
        }
        Matcher part = PART.matcher(text);
        BigDecimal nanos = BigDecimal.ZERO;
        int end = 0;
        while (part.find() && part.start() == end) {
            TimeUnit unit = UNITS.getOrDefault(part.group(2), TimeUnit.NANOSECONDS);
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit.toNanos(1))));
            end = part.end();
        }
        if (end == 0 || end != text.length()) {
            throw new ConfigException(Setting.AUTO_COMPACTION_RETENTION.flag() + " is \"" + text
                    + "\"; give a number of hours, or a duration as 30m or 1h30m");
        }
        return new Retention(false, exact(text, nanos));
    }

    private static long exact(String text, BigDecimal number) {
        if (number.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new ConfigException(Setting.AUTO_COMPACTION_RETENTION.flag() + " is \"" + text
                    + "\", which is more than can be counted; 0 switches it off");
        }
        return number.longValue();
    }
}
