package io.axolotl.server.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Consecutive entries of the log, as messages name them and an operator gives them back: "1025-1088". Immutable.
 *
 * @param first index of the first, at least 1
 * @param last index of the last
 */
public record EntryRange(long first, long last) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

    public EntryRange {
        if (first < 1 || last < first) {
            throw new IllegalArgumentException(first + "-" + last + " holds no entries: the first is 1");
        }
    }

    /** @throws IllegalArgumentException if the text is something else */
    static EntryRange parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no range of entries such as 1025-1088");
        }
        return new EntryRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }
}
