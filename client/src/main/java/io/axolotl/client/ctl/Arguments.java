package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Arguments as byte strings. Keys and values are bytes, but Java turns the command line into characters by the locale, and in
 * the locale "C", as in most containers, everything beyond ASCII is lost on the way. Inside this package an argument therefore
 * is a text in which <em>every character is one byte</em>; only {@link #bytes} takes it apart. No state.
 */
final class Arguments {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private Arguments() {}

    /** The bytes of an argument. */
    static Bytes bytes(String argument) {
        return Bytes.copyOf(argument.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** What an argument says, for whoever wants characters. */
    static String text(String argument) {
        return bytes(argument).utf8();
    }

    /** An argument that has these bytes. */
    static String of(Bytes bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1);
    }

    /** Arguments that Java has read rightly. */
    static String[] ofTexts(String... texts) {
        return Arrays.stream(texts).map(Bytes::of).map(Arguments::of).toArray(String[]::new);
    }

    /**
     * The arguments of this process. What the locale has destroyed is read again from the kernel.
     *
     * @throws CtlFailure if that is not possible: a wrong key must not be written
     */
    static String[] ofProcess(String... args) {
        if (Arrays.stream(args).noneMatch(argument -> argument.indexOf('\ufffd') >= 0)) {
            return ofTexts(args);
        }
        try {
            List<String> all = List.of(
                    Files.readString(COMMAND_LINE, StandardCharsets.ISO_8859_1).split("\0", -1));
            // The last argument too ends in a 0 byte, so one empty text follows it.
            int end = all.size() - 1;
            return all.subList(end - args.length, end).toArray(String[]::new);
        } catch (IOException | IndexOutOfBoundsException e) {
            throw CtlFailure.badArgs("an argument holds characters that the locale cannot express; set LC_ALL=C.UTF-8");
        }
    }
}
