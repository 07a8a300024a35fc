package io.axolotl.jepsen.chaos.kv;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values of the form {@code number/id}: the number is what counts, the id makes the value unlike all others. Stateless. */
public final class NumberedValue {
    private static final Pattern FORM = Pattern.compile("(-?\\d{1,18})/.*", Pattern.DOTALL);

    private NumberedValue() {}

    /** The number; nothing if the value is not of this form. */
    public static OptionalLong numberOf(String value) {
        Matcher matcher = FORM.matcher(value);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }
}
