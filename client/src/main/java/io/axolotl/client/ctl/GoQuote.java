package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

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
