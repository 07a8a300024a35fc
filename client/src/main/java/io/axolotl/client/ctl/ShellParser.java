package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;

/** Tells the terminal where words begin and end, and that a line goes on while a quote is open. */
final class ShellParser implements Parser {
    private final BooleanSupplier hasWords;

    /** @param hasWords whether the line is one of the shell, and not the answer to a question, which is taken as it is */
    ShellParser(BooleanSupplier hasWords) {
        this.hasWords = hasWords;
    }

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
        if (!hasWords.getAsBoolean()) {
            return new Line(line, cursor, List.of(""), 0);
        }
        if (context == ParseContext.ACCEPT_LINE) {
            requireEnd(line);
        }
        String before = line.substring(0, cursor);
        List<ShellWords.Word> words;
        try {
            words = ShellWords.of(before, StandardCharsets.UTF_8).words();
        } catch (CtlFailure e) {
            // Nothing to complete; the line itself will be refused.
            words = List.of();
        }
        boolean isInWord = !words.isEmpty() && words.get(words.size() - 1).end() == cursor;
        List<String> texts =
                new ArrayList<>(words.stream().map(ShellWords.Word::argument).toList());
        if (!isInWord) {
            texts.add("");
        }
        int start = isInWord ? words.get(words.size() - 1).start() : cursor;
        return new Line(line, cursor, texts, cursor - start);
    }

    private static void requireEnd(String line) {
        String missing;
        try {
            missing = ShellWords.of(line, StandardCharsets.UTF_8).missing();
        } catch (CtlFailure e) {
            // Accepted, and refused with this reason when it is to run.
            return;
        }
        if (!missing.isEmpty()) {
            throw new EOFError(-1, -1, "a quote is open", missing);
        }
    }

    /** One character per byte in words, as in all arguments. */
    private record Line(String line, int cursor, List<String> words, int rawWordLength)
            implements CompletingParsedLine {
        @Override
        public String word() {
            return words.get(wordIndex());
        }

        @Override
        public int wordIndex() {
            return words.size() - 1;
        }

        @Override
        public int wordCursor() {
            return word().length();
        }

        @Override
        public int rawWordCursor() {
            return rawWordLength;
        }

        @Override
        public CharSequence escape(CharSequence candidate, boolean complete) {
            Bytes bytes = Arguments.bytes(candidate.toString());
            return bytes.isEmpty() ? "" : ShellWords.quoted(bytes);
        }
    }
}
