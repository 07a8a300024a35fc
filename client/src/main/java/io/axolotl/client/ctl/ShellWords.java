package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The words of a line, as a POSIX shell takes them apart: blanks are between words; a backslash, {@code '...'}, {@code "..."}
 * and {@code $'...'} (with Go's escapes, for bytes that cannot be typed) quote; {@code #} before a word begins a comment; {@code &}
 * at the end is for the background. Nothing is expanded, and there are no pipes: who types one is told. Immutable.
 *
 * @param isInBackground whether an ampersand ends the line
 * @param missing what would end a quote that is open; empty if none is
 */
record ShellWords(List<Word> words, boolean isInBackground, String missing) {
    /** These have a meaning in a shell that this one does not give them. */
    private static final String OPERATORS = "|;<>&";

    /** What stands for itself in a word. */
    private static final String PLAIN = "_-+=.,/:@%^~*?[]{}!";

    /**
     * One word without its quotes.
     *
     * @param start where it begins in the line, with its quotes
     * @param end behind its last character
     */
    record Word(Bytes bytes, int start, int end) {
        /** As an argument of a command. */
        String argument() {
            return Arguments.of(bytes);
        }
    }

    ShellWords {
        words = List.copyOf(words);
    }

    String[] arguments() {
        return words.stream().map(Word::argument).toArray(String[]::new);
    }

    /**
     * Takes a line apart.
     *
     * @param charset in which its characters become the bytes of words
     * @throws CtlFailure if there is an operator that is not quoted, or a malformed escape
     */
    static ShellWords of(String line, Charset charset) {
        return new Parser(line, charset).parse();
    }

    /** What has to be typed for these bytes, in pieces that another piece can follow. */
    static String quoted(Bytes bytes) {
        if (bytes.isEmpty()) {
            return "''";
        }
        StringBuilder text = new StringBuilder();
        byte[] raw = bytes.toByteArray();
        for (int i = 0; i < raw.length; ) {
            int length = GoQuote.utf8Length(raw, i);
            int code = length == 0 ? -1 : new String(raw, i, length, StandardCharsets.UTF_8).codePointAt(0);
            if (code < 0 || !GoQuote.isPrintable(code)) {
                for (int b = 0; b < Math.max(length, 1); b++) {
                    text.append(String.format(Locale.ROOT, "$'\\x%02x'", raw[i + b] & 0xff));
                }
            } else {
                boolean isPlain = code > 0x7f || Character.isLetterOrDigit(code) || PLAIN.indexOf(code) >= 0;
                text.append(isPlain ? "" : "\\").appendCodePoint(code);
            }
            i += Math.max(length, 1);
        }
        return text.toString();
    }

    /** One pass over a line. Confined to one thread. */
    private static final class Parser {
        private final String line;
        private final Charset charset;
        private final List<Word> words = new ArrayList<>();
        private final ByteArrayOutputStream word = new ByteArrayOutputStream();
        private int at;
        private String missing = "";

        Parser(String line, Charset charset) {
            this.line = line;
            this.charset = charset;
        }

        ShellWords parse() {
            while (true) {
                skipBlanks();
                if (at == line.length() || line.charAt(at) == '#') {
                    return new ShellWords(words, false, missing);
                }
                if (line.charAt(at) == '&' && isLast(at + 1)) {
                    return new ShellWords(words, true, missing);
                }
                int start = at;
                word.reset();
                readWord();
                words.add(new Word(Bytes.copyOf(word.toByteArray()), start, at));
            }
        }

        private boolean isLast(int from) {
            String rest = line.substring(from).strip();
            return rest.isEmpty() || rest.startsWith("#");
        }

        private void skipBlanks() {
            while (at < line.length() && (isBlank(line.charAt(at)) || line.startsWith("\\\n", at))) {
                at += isBlank(line.charAt(at)) ? 1 : 2;
            }
        }

        private static boolean isBlank(char c) {
            return c == ' ' || c == '\t' || c == '\n' || c == '\r';
        }

        private void readWord() {
            while (at < line.length() && !isBlank(line.charAt(at))) {
                char c = line.charAt(at);
                if (c == '&' && isLast(at + 1)) {
                    return;
                }
                if (OPERATORS.indexOf(c) >= 0) {
                    throw new CtlFailure(
                            ExitCode.INVALID_INPUT,
                            "here \"" + c + "\" has no meaning; put it in quotes if it belongs to a word");
                }
                switch (c) {
                    case '\\' -> readEscape();
                    case '\'' -> readSingleQuoted();
                    case '"' -> readDoubleQuoted();
                    case '$' -> {
                        if (line.startsWith("$'", at)) {
                            readBytes();
                        } else {
                            readCharacter();
                        }
                    }
                    default -> readCharacter();
                }
            }
        }

        private void readCharacter() {
            int code = line.codePointAt(at);
            int length = Character.charCount(code);
            append(at, at + length);
            at += length;
        }

        private void append(int from, int to) {
            try {
                ByteBuffer bytes = charset.newEncoder().encode(CharBuffer.wrap(line, from, to));
                word.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
            } catch (CharacterCodingException e) {
                throw new CtlFailure(ExitCode.INVALID_INPUT, "half a character has no bytes: " + e.getMessage());
            }
        }

        /** A backslash before the end of a line joins it with the next. */
        private void readEscape() {
            at++;
            if (at == line.length()) {
                missing = "\\";
            } else if (line.charAt(at) == '\n') {
                at++;
            } else {
                readCharacter();
            }
        }

        private void readSingleQuoted() {
            int end = line.indexOf('\'', at + 1);
            append(at + 1, end < 0 ? line.length() : end);
            closeSingle(end);
        }

        /** @param end where the quote is; -1 if it is missing */
        private void closeSingle(int end) {
            if (end < 0) {
                missing = "'";
                at = line.length();
            } else {
                at = end + 1;
            }
        }

        private void readDoubleQuoted() {
            at++;
            while (at < line.length()) {
                char c = line.charAt(at);
                if (c == '"') {
                    at++;
                    return;
                }
                if (c == '\\' && at + 1 < line.length() && "\\\"$`\n".indexOf(line.charAt(at + 1)) >= 0) {
                    readEscape();
                } else {
                    readCharacter();
                }
            }
            missing = "\"";
        }

        /** The escapes are those of transactions, which are in double quotes. */
        private void readBytes() {
            StringBuilder quoted = new StringBuilder("\"");
            int end = at + 2;
            while (end < line.length() && line.charAt(end) != '\'') {
                char c = line.charAt(end);
                if (c == '\\' && end + 1 < line.length()) {
                    end++;
                    quoted.append(line.charAt(end) == '\'' ? "" : "\\").append(line.charAt(end));
                } else {
                    quoted.append(c == '"' ? "\\" : "").append(c);
                }
                end++;
            }
            if (end < line.length()) {
                Bytes text = Bytes.copyOf(quoted.append('"').toString().getBytes(charset));
                word.writeBytes(
                        Arguments.bytes(GoQuote.unquote(Arguments.of(text))).toByteArray());
            }
            closeSingle(end < line.length() ? end : -1);
        }
    }
}
