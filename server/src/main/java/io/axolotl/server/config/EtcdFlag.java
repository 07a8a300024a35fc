package io.axolotl.server.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A flag of etcd, and what becomes of it here. Immutable.
 *
 * <p>The rule behind the table ({@link EtcdFlags}): a flag that only tunes or observes what we do in another way is taken and
 * named in a warning; one that asks for a promise which would not be kept (a file elsewhere, an API, a check of who calls)
 * is refused, so that nobody believes to have it.
 *
 * @param name without dashes
 * @param form what its value must look like, as etcd checks it
 * @param standard its default, as {@code etcd --help} prints it
 * @param fate what becomes of it
 * @param harmless values besides the standard one for which there is nothing to say
 * @param text why, and what to do instead; for {@link Fate#ALIAS} the name that it stands for; empty if there is nothing to say
 */
public record EtcdFlag(String name, Form form, String standard, Fate fate, List<String> harmless, String text) {
    /** What a value looks like. */
    public enum Form {
        TEXT(".*", "text"),
        NUMBER("-?[0-9]+", "a whole number"),
        /** As Go reads a boolean; true if it is named without a value. */
        SWITCH("1|t|T|true|TRUE|True|0|f|F|false|FALSE|False", "true or false"),
        /** As Go reads a duration. */
        DURATION("[-+]?(0|([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+", "a duration such as 10m or 100ms");

        private final Pattern pattern;
        private final String description;

        Form(String pattern, String description) {
            this.pattern = Pattern.compile(pattern, Pattern.DOTALL);
            this.description = description;
        }

        boolean fits(String value) {
            return pattern.matcher(value).matches();
        }
    }

    /** What becomes of a flag. */
    public enum Fate {
        /** A {@link Setting} of the same name. */
        SERVED("served"),
        /** A {@link Setting} under its present name. */
        ALIAS("served"),
        /** Taken; another value than the standard one is named in a warning. */
        NO_EFFECT("no effect"),
        /** Only the standard value and the harmless ones are taken. */
        REFUSED("refused");

        private final String word;

        Fate(String word) {
            this.word = word;
        }
    }

    public EtcdFlag {
        harmless = List.copyOf(harmless);
    }

    String flag() {
        return "--" + name;
    }

    /** The name in the environment, without prefix. */
    String variable() {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** @throws UsageException if the value could not be one of this flag */
    void requireForm(String value) {
        if (!form.fits(value)) {
            throw new UsageException(flag() + " is \"" + value + "\"; it takes " + form.description);
        }
    }

    /**
     * What is to be said about this flag with this value, of the right form; nothing if all is as the user expects.
     *
     * @throws ConfigException if the server must not be started with it
     */
    Optional<String> judge(String value) {
        String plain = form == Form.SWITCH ? Boolean.toString(isOn(value)) : value.strip();
        if (plain.equals(standard) || harmless.contains(plain)) {
            return Optional.empty();
        }
        if (fate == Fate.REFUSED) {
            throw new ConfigException(flag() + "=" + plain + " is refused: " + text);
        }
        return Optional.of(flag() + "=" + plain + " has no effect: " + text);
    }

    /** Whether a text of the form {@link Form#SWITCH} means true. */
    static boolean isOn(String value) {
        return value.equals("1") || value.toLowerCase(Locale.ROOT).startsWith("t");
    }

    /** Its row in docs/etcd-compatibility.md. */
    String documentation() {
        String exceptions = fate == Fate.REFUSED
                ? " unless " + (standard.isEmpty() ? "empty" : "`" + standard + "`")
                        + String.join(
                                "",
                                harmless.stream()
                                        .map(value -> ", `" + value + "`")
                                        .toList())
                : "";
        String what = fate == Fate.ALIAS ? "`--" + text + "`" : text;
        return "| `" + flag() + "` | " + fate.word + exceptions + " | " + what + " |";
    }
}
