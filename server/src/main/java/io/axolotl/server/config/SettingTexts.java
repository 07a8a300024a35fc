package io.axolotl.server.config;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Settings as texts, and how each kind is read. Immutable. */
final class SettingTexts {
    private static final Pattern DURATION_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s)");

    /** A year: nothing here needs longer, and sums of some do not overflow. */
    private static final long MAX_DURATION_NANOS = 365L * 24 * 3_600_000_000_000L;

    private final Map<Setting, String> given;

    SettingTexts(Map<Setting, String> given) {
        this.given = Map.copyOf(given);
    }

    boolean isGiven(Setting setting) {
        return given.containsKey(setting);
    }

    /** As given, or {@code standard}. */
    String or(Setting setting, String standard) {
        String text = given.get(setting);
        if (text == null) {
            return standard;
        }
        if (text.isBlank()) {
            throw new ConfigException(setting.flag() + " is empty; give a value or leave it out");
        }
        return text.strip();
    }

    /** As given, or null; an empty text is as none, since templates write them. */
    @Nullable String optional(Setting setting) {
        String text = given.get(setting);
        return text == null || text.isBlank() ? null : text.strip();
    }

    @Nullable Path file(Setting setting) {
        String text = optional(setting);
        return text == null ? null : Path.of(text);
    }

    /** Comma-separated; empty if it is not given. */
    List<String> list(Setting setting) {
        String text = optional(setting);
        return text == null
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    String required(Setting setting) {
        return or(setting, setting.standard());
    }

    List<MemberUrl> urls(Setting setting) {
        return MemberUrl.parseList(setting.flag(), required(setting));
    }

    List<MemberUrl> reachableUrls(Setting setting) {
        List<MemberUrl> urls = urls(setting);
        urls.forEach(url -> url.requireFixedPort(setting.flag()));
        return urls;
    }

    List<MemberUrl> bindableUrls(Setting setting) {
        List<MemberUrl> urls = urls(setting);
        urls.forEach(url -> url.requireBindable(setting.flag()));
        return urls;
    }

    long longNumber(Setting setting) {
        String text = required(setting);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ConfigException(setting.flag() + " is \"" + text + "\"; it takes a whole number");
        }
    }

    /** @param least is allowed */
    long longNumber(Setting setting, long least) {
        long number = longNumber(setting);
        if (number < least) {
            throw new ConfigException(setting.flag() + " is " + number + "; it must be at least " + least);
        }
        return number;
    }

    /** @param least and {@code most} are both allowed */
    int number(Setting setting, int least, int most) {
        long number = longNumber(setting);
        if (number < least || number > most) {
            throw new ConfigException(setting.flag() + " is " + number + "; it must be from " + least + " to " + most);
        }
        return (int) number;
    }

    /**
     * A duration as Go writes them, {@code 1h30m} or {@code 100ms}.
     *
     * @param least is allowed
     */
    Duration duration(Setting setting, Duration least) {
        return duration(setting.flag(), required(setting), least);
    }

    /** As {@link #duration(Setting, Duration)}, of a text within another setting. */
    static Duration duration(String name, String text, Duration least) {
        Duration sum = Duration.ZERO;
        Matcher part = DURATION_PART.matcher(text);
        int end = 0;
        while (part.find() && part.start() == end) {
            BigDecimal number = new BigDecimal(part.group(1));
            sum = sum.plusNanos(number.multiply(BigDecimal.valueOf(nanosOf(part.group(2))))
                    .min(BigDecimal.valueOf(MAX_DURATION_NANOS))
                    .longValue());
            end = part.end();
        }
        if (end == 0 || end < text.length()) {
            throw new ConfigException(name + " is \"" + text + "\"; it takes a duration such as 10m, 1h30m or 100ms");
        }
        if (sum.compareTo(least) < 0) {
            throw new ConfigException(name + " is " + text + "; it must be at least " + least.toMillis() + "ms");
        }
        return sum;
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "h" -> 3_600_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "s" -> 1_000_000_000L;
            case "ms" -> 1_000_000L;
            default -> throw new AssertionError("no such unit: " + unit);
        };
    }

    /** Of a {@link Setting.Kind#SWITCH}, as Go reads them. */
    boolean isOn(Setting setting) {
        String text = required(setting);
        if (!EtcdFlag.Form.SWITCH.fits(text)) {
            throw new ConfigException(setting.flag() + " is \"" + text + "\"; it takes true or false");
        }
        return EtcdFlag.isOn(text);
    }

    String oneOf(Setting setting, List<String> choices) {
        String text = required(setting);
        if (!choices.contains(text)) {
            throw new ConfigException(
                    setting.flag() + " is \"" + text + "\"; it takes one of " + String.join(", ", choices));
        }
        return text;
    }
}
