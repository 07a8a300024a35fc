package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Texts in double quotes with Go's escapes, as transactions on standard input spell keys and values. No state. */
final class GoQuote {
    /** A quoted text, escapes included. */
    static final String PATTERN = "\"(?:[^\"\\\\]|\\\\.)*\"";

    private GoQuote() {}

    /**
     * What a quoted text stands for, as an argument (one character per byte).
     *
     * @param quoted an argument that matches {@link #PATTERN}
     * @throws CtlFailure if it holds an unknown escape
     */
    static String unquote(String quoted) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int end = quoted.length() - 1;
        for (int i = 1; i < end; i++) {
            char c = quoted.charAt(i);
            if (c != '\\') {
                bytes.write(c);
                continue;
            }
            char escape = quoted.charAt(++i);
            int digits = switch (escape) {
                case 'x' -> 2;
                case 'u' -> 4;
                case 'U' -> 8;
                default -> 0;
            };
            if (digits > 0) {
                writeCode(bytes, escape, number(quoted, i + 1, digits, 16, end), quoted);
                i += digits;
            } else if (escape >= '0' && escape <= '7') {
                writeCode(bytes, 'x', number(quoted, i, 3, 8, end), quoted);
                i += 2;
            } else {
                bytes.write(single(escape, quoted));
            }
        }
        return Arguments.of(Bytes.copyOf(bytes.toByteArray()));
    }

    /** Bytes as Go quotes them: what can be printed as it is, all else as escapes. */
    static String quote(Bytes bytes) {
        StringBuilder quoted = new StringBuilder("\"");
        byte[] raw = bytes.toByteArray();
        for (int i = 0; i < raw.length; ) {
            int length = utf8Length(raw, i);
            if (length == 0) {
                quoted.append(String.format(Locale.ROOT, "\\x%02x", raw[i] & 0xff));
                i++;
                continue;
            }
            quoteCode(new String(raw, i, length, StandardCharsets.UTF_8).codePointAt(0), quoted);
            i += length;
        }
        return quoted.append('"').toString();
    }

    /** Length of the character that begins here, 0 if none does. */
    static int utf8Length(byte[] raw, int from) {
        int first = raw[from] & 0xff;
        int length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
        if (length == 0 || from + length > raw.length) {
            return 0;
        }
        String one = new String(raw, from, length, StandardCharsets.UTF_8);
        return one.codePointCount(0, one.length()) == 1 && one.codePointAt(0) != '\ufffd' ? length : 0;
    }

    private static void quoteCode(int code, StringBuilder quoted) {
        switch (code) {
            case 7 -> quoted.append("\\a");
            case '\b' -> quoted.append("\\b");
            case '\f' -> quoted.append("\\f");
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append("\\r");
            case '\t' -> quoted.append("\\t");
            case 11 -> quoted.append("\\v");
            case '"', '\\' -> quoted.append('\\').append((char) code);
            default -> {
                if (isPrintable(code)) {
                    quoted.appendCodePoint(code);
                } else if (code < 0x80) {
                    quoted.append(String.format(Locale.ROOT, "\\x%02x", code));
                } else {
                    quoted.append(String.format(Locale.ROOT, code < 0x10000 ? "\\u%04x" : "\\U%08x", code));
                }
            }
        }
    }

    static boolean isPrintable(int code) {
        return switch (Character.getType(code)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> code == ' ';
            default -> true;
        };
    }

    private static int single(char escape, String quoted) {
        return switch (escape) {
            case 'a' -> 7;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 11;
            case '\\', '"' -> escape;
            default -> throw malformed(quoted);
        };
    }

    private static void writeCode(ByteArrayOutputStream bytes, char kind, int code, String quoted) {
        if (kind == 'x') {
            if (code > 0xff) {
                throw malformed(quoted);
            }
            bytes.write(code);
        } else if (Character.isValidCodePoint(code)) {
            bytes.writeBytes(Character.toString(code).getBytes(StandardCharsets.UTF_8));
        } else {
            throw malformed(quoted);
        }
    }

    private static int number(String quoted, int from, int digits, int radix, int end) {
        if (from + digits > end) {
            throw malformed(quoted);
        }
        try {
            return Integer.parseUnsignedInt(quoted.substring(from, from + digits), radix);
        } catch (NumberFormatException e) {
            throw malformed(quoted);
        }
    }

    private static CtlFailure malformed(String quoted) {
        return new CtlFailure(ExitCode.INVALID_INPUT, "invalid syntax in " + quoted);
    }
}
