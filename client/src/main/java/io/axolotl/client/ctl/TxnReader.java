package io.axolotl.client.ctl;

import io.axolotl.client.Compare;
import io.axolotl.client.Compare.Relation;
import io.axolotl.client.Compare.Target;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Op;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * Reads the lines of a transaction. A compare is {@code target("key") relation "value"} with the targets ver(sion), c(reate),
 * m(od), val(ue) and lease, and the relations {@code = != < >}; an operation is a put, get or del as on the command line.
 */
final class TxnReader {
    private static final Pattern COMPARE = Pattern.compile(
            "(\\w+)\\s*\\(\\s*(" + GoQuote.PATTERN + ")\\s*\\)\\s*([^\\s\"]+)\\s*(" + GoQuote.PATTERN + ")");

    /** A double-quoted text, a single-quoted text, or a bare word. */
    private static final Pattern WORD = Pattern.compile(GoQuote.PATTERN + "|'[^']*'|[^'\"\\s]\\S*[^'\"\\s]?");

    private final BufferedReader in;

    /**
     * @param in one character per byte
     */
    TxnReader(BufferedReader in) {
        this.in = in;
    }

    /**
     * The lines of the next list. To be read all before one of them is parsed: what follows a mistake is still part of the
     * transaction, and no command of whoever has more to read.
     */
    List<String> list() {
        List<String> lines = new ArrayList<>();
        while (true) {
            String line;
            try {
                line = in.readLine();
            } catch (IOException e) {
                throw new CtlFailure(ExitCode.IO, "standard input cannot be read: " + e.getMessage());
            }
            if (line == null) {
                throw new CtlFailure(
                        ExitCode.INVALID_INPUT,
                        "EOF before the end of the transaction; an empty line ends each of its three lists");
            }
            if (line.isBlank()) {
                return lines;
            }
            lines.add(line.strip());
        }
    }

    static Compare compare(String line) {
        Matcher parts = COMPARE.matcher(line);
        if (!parts.matches()) {
            throw invalid("malformed comparison: " + line + "; write it as mod(\"key\") > \"0\"");
        }
        KeyRange key = KeyRange.single(Arguments.bytes(GoQuote.unquote(parts.group(2))));
        Relation relation = switch (parts.group(3)) {
            case "=" -> Relation.EQUAL;
            case "!=" -> Relation.NOT_EQUAL;
            case "<" -> Relation.LESS;
            case ">" -> Relation.GREATER;
            default ->
                throw invalid("malformed comparison: " + line + " (unknown relation " + parts.group(3)
                        + "; known are = != < >)");
        };
        String given = GoQuote.unquote(parts.group(4));
        return switch (parts.group(1)) {
            case "ver", "version" -> number(line, key, Target.VERSION, relation, given, 10);
            case "c", "create" -> number(line, key, Target.CREATE, relation, given, 10);
            case "m", "mod" -> number(line, key, Target.MOD, relation, given, 10);
            case "lease" -> number(line, key, Target.LEASE, relation, given, 16);
            case "val", "value" -> new Compare.OfValue(key).is(relation, Arguments.bytes(given));
            default -> throw invalid("malformed comparison: " + line + " (unknown target " + parts.group(1) + ")");
        };
    }

    private static Compare number(
            String line, KeyRange key, Target target, Relation relation, String given, int radix) {
        try {
            return new Compare.OfNumber(key, target).is(relation, Long.parseLong(given, radix));
        } catch (NumberFormatException e) {
            throw invalid("invalid txn compare request: " + line);
        }
    }

    static Op op(String line) {
        List<String> words = words(line);
        if (words.isEmpty()) {
            throw invalid("invalid txn request: " + line);
        }
        String[] arguments = words.subList(1, words.size()).toArray(String[]::new);
        return switch (words.get(0)) {
            case "put" -> parse(line, new OpArguments.PutArguments(), arguments).op(InputStream.nullInputStream());
            case "get" -> parse(line, new OpArguments.GetArguments(), arguments).op();
            case "del" ->
                parse(line, new OpArguments.DeleteArguments(), arguments).op();
            default -> throw invalid("invalid txn request: " + line);
        };
    }

    private static <T> T parse(String line, T into, String... arguments) {
        try {
            new CommandLine(into).setExpandAtFiles(false).parseArgs(arguments);
            return into;
        } catch (CommandLine.ParameterException e) {
            throw invalid("invalid txn request: " + line + " (" + e.getMessage() + ")");
        }
    }

    /** The words of a line, without their quotes. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find()) {
            String text = word.group();
            if (text.startsWith("\"")) {
                words.add(GoQuote.unquote(text));
            } else if (text.startsWith("'")) {
                words.add(text.substring(1, text.length() - 1));
            } else {
                words.add(text);
            }
        }
        return words;
    }

    private static CtlFailure invalid(String message) {
        return new CtlFailure(ExitCode.INVALID_INPUT, message);
    }
}
