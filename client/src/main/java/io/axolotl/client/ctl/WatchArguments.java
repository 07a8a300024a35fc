package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import io.axolotl.client.KeyRange;
import io.axolotl.client.WatchOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The arguments of watch, which mean the same on the command line and on a line of its interactive mode. */
final class WatchArguments {
    private static final String KEY_VARIABLE = "ETCDCTL_WATCH_KEY";
    private static final String END_VARIABLE = "ETCDCTL_WATCH_RANGE_END";

    @Parameters(
            arity = "0..*",
            paramLabel = "<key> <range_end> [-- <command>]",
            description = "a key, or a range [key, range_end); after -- what to run for each event")
    private List<String> words = new ArrayList<>();

    @Option(names = "--prefix", description = "watch all keys with matching prefix")
    private boolean prefix;

    @Option(names = "--rev", description = "revision to start watching at; 0 is from now on")
    private long revision;

    @Option(names = "--prev-kv", description = "get the previous key-value pair before the event happens")
    private boolean previous;

    @Option(names = "--progress-notify", description = "get periodic watch progress notification from server")
    private boolean progress;

    /**
     * What is to be watched, and what to run for each event.
     *
     * @param command words to run; empty if nothing is
     */
    record Request(KeyRange range, WatchOptions options, List<String> command) {}

    /**
     * @param separated the words after {@code --}, which are the last of the arguments; null if there was none
     * @param environment may name the key instead of the arguments
     */
    Request request(@org.jspecify.annotations.Nullable List<String> separated, Map<String, String> environment) {
        if (separated != null && separated.isEmpty()) {
            throw CtlFailure.badArgs("bad number of arguments (found separator --, but no commands)");
        }
        List<String> command = separated == null ? List.of() : separated;
        List<String> bounds = new ArrayList<>(words.subList(0, words.size() - command.size()));
        String key = environment.getOrDefault(KEY_VARIABLE, "");
        if (!key.isEmpty()) {
            if (!bounds.isEmpty()) {
                throw CtlFailure.badArgs("bad number of arguments (found conflicting environment key)");
            }
            bounds.add(key);
            String end = environment.getOrDefault(END_VARIABLE, "");
            if (!end.isEmpty()) {
                bounds.add(end);
            }
        }
        if (bounds.isEmpty() || bounds.size() > 2) {
            throw CtlFailure.badArgs("bad number of arguments");
        }
        WatchOptions options =
                WatchOptions.DEFAULT.from(revision).withPrevious(previous).withProgress(progress);
        return new Request(range(bounds), options, command);
    }

    private KeyRange range(List<String> bounds) {
        Bytes key = Arguments.bytes(bounds.get(0));
        if (bounds.size() == 1) {
            return prefix ? KeyRange.prefix(key) : KeyRange.single(key);
        }
        if (prefix) {
            throw CtlFailure.badArgs("`range_end` and `--prefix` are mutually exclusive");
        }
        return KeyRange.between(key, Arguments.bytes(bounds.get(1)));
    }

    static void checkEnvironment(Map<String, String> environment) {
        String end = environment.getOrDefault(END_VARIABLE, "");
        if (environment.getOrDefault(KEY_VARIABLE, "").isEmpty() && !end.isEmpty()) {
            throw CtlFailure.badArgs(
                    KEY_VARIABLE + " is empty but got " + END_VARIABLE + "=" + GoQuote.quote(Bytes.of(end)));
        }
    }
}
