package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Offers commands, flags, their values if there are a few, and keys. Confined to the thread that reads lines. */
final class ShellCompleter implements Completer {
    /** Commands whose first words are keys. */
    private static final Set<String> TAKE_KEYS = Set.of("get", "put", "del", "watch");

    private final CommandSpec commands;
    private final ShellKeys keys;
    private final Supplier<List<String>> jobs;

    /** @param jobs the numbers of those under way */
    ShellCompleter(CommandSpec commands, ShellKeys keys, Supplier<List<String>> jobs) {
        this.commands = commands;
        this.keys = keys;
        this.jobs = jobs;
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        candidates.addAll(candidates(line));
    }

    /** What the word at the cursor may become, whether it begins so or not. */
    List<Candidate> candidates(ParsedLine line) {
        List<Candidate> candidates = new ArrayList<>();
        CommandSpec command = commands;
        OptionSpec waiting = null;
        int others = 0;
        for (String word : line.words().subList(0, line.wordIndex())) {
            if (waiting != null) {
                waiting = null;
            } else if (word.startsWith("-")) {
                waiting = waitingForValue(command, word);
            } else {
                CommandLine next = others == 0 ? command.subcommands().get(word) : null;
                command = next == null ? command : next.getCommandSpec();
                others += next == null ? 1 : 0;
            }
        }
        String word = line.word();
        int equals = word.indexOf('=');
        if (waiting != null) {
            offerValues(waiting, "", candidates);
        } else if (word.startsWith("-") && equals > 0) {
            OptionSpec option = command.findOption(word.substring(0, equals));
            if (option != null) {
                offerValues(option, word.substring(0, equals + 1), candidates);
            }
        } else if (word.startsWith("-")) {
            offerFlags(command, candidates);
        } else {
            offerWords(command, others, word, candidates);
        }
        return candidates;
    }

    /** The flag whose value the next word is; null if there is none to come. */
    private static @Nullable OptionSpec waitingForValue(CommandSpec command, String word) {
        OptionSpec option = command.findOption(word);
        return option != null && option.arity().min() > 0 ? option : null;
    }

    private static void offerValues(OptionSpec option, String before, List<Candidate> candidates) {
        Iterable<String> values = option.completionCandidates();
        if (values != null) {
            values.forEach(value -> candidates.add(candidate(before + value, value, "", true)));
        }
    }

    private static void offerFlags(CommandSpec command, List<Candidate> candidates) {
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                String[] text = option.description();
                candidates.add(
                        candidate(option.longestName(), option.longestName(), text.length == 0 ? "" : text[0], true));
            }
        }
    }

    private void offerWords(CommandSpec command, int others, String word, List<Candidate> candidates) {
        if (!command.subcommands().isEmpty()) {
            offerCommands(command, candidates);
        } else if (command.name().equals("help")) {
            offerCommands(commands, candidates);
        } else if (command.name().equals("unwatch")) {
            jobs.get().forEach(number -> candidates.add(candidate(number, number, "", true)));
        } else if (command.name().equals("at")) {
            candidates.add(candidate(ShellCommands.NOW, ShellCommands.NOW, "", true));
        } else if (TAKE_KEYS.contains(command.name())
                && others < (command.name().equals("put") ? 1 : 2)) {
            for (Bytes key : keys.under(Arguments.bytes(word))) {
                String text = Arguments.of(key);
                candidates.add(candidate(text, ShellWords.quoted(key), "", !text.endsWith("/")));
            }
        }
    }

    private static void offerCommands(CommandSpec of, List<Candidate> candidates) {
        of.subcommands().forEach((name, subcommand) -> {
            String[] text = subcommand.getCommandSpec().usageMessage().description();
            candidates.add(candidate(name, name, text.length == 0 ? "" : text[0], true));
        });
    }

    private static Candidate candidate(String word, String shown, String description, boolean isWhole) {
        return new Candidate(
                word,
                shown,
                null,
                description.isEmpty() ? null : description.replaceAll("[ (:]*\\$\\{.*", ""),
                null,
                null,
                isWhole);
    }
}
