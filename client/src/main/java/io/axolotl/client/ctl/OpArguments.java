package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import io.axolotl.client.DeleteOptions;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetOptions.SortOrder;
import io.axolotl.client.GetOptions.SortTarget;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Op;
import io.axolotl.client.PutOptions;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The arguments of put, get and del, which mean the same on the command line and on a line of a transaction. */
final class OpArguments {
    private OpArguments() {}

    /** Arguments of put. */
    static final class PutArguments {
        private static final String USAGE = "put command needs 1 argument and input from stdin or 2 arguments";

        @Parameters(
                arity = "0..*",
                paramLabel = "<key> <value>",
                description = "without a value it is read from standard input")
        private List<String> keyAndValue = new ArrayList<>();

        @Option(names = "--lease", defaultValue = "0", description = "lease ID (in hexadecimal) to attach to the key")
        private String lease = "";

        @Option(names = "--prev-kv", description = "return the previous key-value pair before modification")
        private boolean previous;

        @Option(names = "--ignore-value", description = "updates the key using its current value")
        private boolean ignoreValue;

        @Option(names = "--ignore-lease", description = "updates the key using its current lease")
        private boolean ignoreLease;

        /**
         * The operation they describe.
         *
         * @param in where the value comes from if it is not among them
         */
        Op.Put op(InputStream in) {
            if (keyAndValue.isEmpty() || keyAndValue.size() > 2) {
                throw CtlFailure.badArgs(USAGE);
            }
            if (ignoreValue && keyAndValue.size() > 1) {
                throw CtlFailure.badArgs("put command needs only 1 argument when 'ignore-value' is set");
            }
            Bytes value = ignoreValue ? Bytes.EMPTY : value(in);
            PutOptions options = new PutOptions(leaseId(), previous, ignoreValue, ignoreLease);
            return new Op.Put(Arguments.bytes(keyAndValue.get(0)), value, options);
        }

        private Bytes value(InputStream in) {
            if (keyAndValue.size() == 2) {
                return Arguments.bytes(keyAndValue.get(1));
            }
            try {
                Bytes value = Bytes.copyOf(in.readAllBytes());
                if (value.isEmpty()) {
                    throw CtlFailure.badArgs(USAGE);
                }
                return value;
            } catch (IOException e) {
                throw new CtlFailure(ExitCode.IO, "the value cannot be read from standard input: " + e.getMessage());
            }
        }

        private long leaseId() {
            try {
                return Long.parseLong(lease, 16);
            } catch (NumberFormatException e) {
                throw CtlFailure.badArgs("bad lease ID \"" + lease + "\", expecting ID in Hex");
            }
        }
    }

    /** A key or a range of keys, as get and del spell it. */
    static final class RangeArguments {
        @Parameters(
                arity = "0..*",
                paramLabel = "<key> <range_end>",
                description = "a key, or a range [key, range_end)")
        private List<String> bounds = new ArrayList<>();

        @Option(names = "--prefix", description = "keys with matching prefix")
        private boolean prefix;

        @Option(
                names = "--from-key",
                description = "keys that are greater than or equal to the given key using byte compare")
        private boolean fromKey;

        KeyRange range(String command) {
            if (bounds.isEmpty() || bounds.size() > 2) {
                throw CtlFailure.badArgs(
                        command + " command needs one argument as key and an optional argument as range_end");
            }
            if (prefix && fromKey) {
                throw CtlFailure.badArgs("`--prefix` and `--from-key` cannot be set at the same time, choose one");
            }
            Bytes key = Arguments.bytes(bounds.get(0));
            if (bounds.size() == 1) {
                return prefix ? KeyRange.prefix(key) : fromKey ? KeyRange.from(key) : KeyRange.single(key);
            }
            if (prefix || fromKey) {
                throw CtlFailure.badArgs(
                        "too many arguments, only accept one argument when `--prefix` or `--from-key` is set");
            }
            return KeyRange.between(key, Arguments.bytes(bounds.get(1)));
        }
    }

    /** Arguments of get. */
    static final class GetArguments {
        @Mixin
        private final RangeArguments range = new RangeArguments();

        @Option(
                names = "--consistency",
                defaultValue = "l",
                description = "Linearizable(l) or Serializable(s) (${DEFAULT-VALUE})")
        private String consistency = "";

        @Option(
                names = "--order",
                defaultValue = "",
                description = "order of results; ASCEND or DESCEND (ASCEND by default)")
        private String order = "";

        @Option(
                names = "--sort-by",
                defaultValue = "",
                description = "sort target; CREATE, KEY, MODIFY, VALUE, or VERSION")
        private String sortBy = "";

        @Option(names = "--limit", description = "maximum number of results")
        private long limit;

        @Option(names = "--rev", description = "the revision to read at")
        private long revision;

        @Option(names = "--keys-only", description = "get only the keys")
        private boolean keysOnly;

        @Option(names = "--count-only", description = "get only the count")
        private boolean countOnly;

        /** The operation they describe. */
        Op.Get op() {
            GetOptions options = GetOptions.DEFAULT
                    .withSerializable(serializable())
                    .withLimit(limit)
                    .withRevision(Math.max(revision, 0))
                    .withKeysOnly(keysOnly)
                    .withCountOnly(countOnly);
            KeyRange keys = range.range("get");
            return new Op.Get(keys, options.withSort(sortTarget(), sortOrder()));
        }

        private boolean serializable() {
            return switch (consistency) {
                case "l" -> false;
                case "s" -> true;
                default ->
                    throw new CtlFailure(ExitCode.BAD_FEATURE, "unknown consistency flag \"" + consistency + "\"");
            };
        }

        /** Without a word it is NONE and not ASCEND: with another target than the key that is not the same (RG-7). */
        private SortOrder sortOrder() {
            return switch (order.toUpperCase(Locale.ROOT)) {
                case "" -> SortOrder.NONE;
                case "ASCEND" -> SortOrder.ASCEND;
                case "DESCEND" -> SortOrder.DESCEND;
                default -> throw new CtlFailure(ExitCode.BAD_FEATURE, "bad sort order " + order);
            };
        }

        private SortTarget sortTarget() {
            return switch (sortBy.toUpperCase(Locale.ROOT)) {
                case "", "KEY" -> SortTarget.KEY;
                case "CREATE" -> SortTarget.CREATE;
                case "MODIFY" -> SortTarget.MOD;
                case "VALUE" -> SortTarget.VALUE;
                case "VERSION" -> SortTarget.VERSION;
                default -> throw new CtlFailure(ExitCode.BAD_FEATURE, "bad sort target " + sortBy);
            };
        }
    }

    /** Arguments of del. */
    static final class DeleteArguments {
        @Mixin
        private final RangeArguments range = new RangeArguments();

        @Option(names = "--prev-kv", description = "return deleted key-value pairs")
        private boolean previous;

        /** The operation they describe. */
        Op.Delete op() {
            return new Op.Delete(range.range("del"), new DeleteOptions(previous));
        }
    }
}
