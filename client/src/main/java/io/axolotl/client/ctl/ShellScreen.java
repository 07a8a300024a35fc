package io.axolotl.client.ctl;

import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** Where a shell gets its lines from and shows what comes of them: a terminal, or a file of commands. */
interface ShellScreen extends AutoCloseable {
    /** The next line; null after the last. */
    @Nullable String line(String prompt);

    /** Where the last line stood, for messages; empty at a terminal, where that can be seen. */
    String place();

    /** In which the characters of lines become bytes. */
    Charset charset();

    /**
     * Where a command reads and writes.
     *
     * @param command its name, on which it may depend whether it gets the lines that follow
     */
    Console console(String command);

    /** Where a command in the background writes, between what others write; one for each. */
    Console behind();

    /** Runs a command in the foreground, on this thread; it is interrupted when whoever sits there wants it to stop. */
    int run(Foreground command);

    /** A command. */
    interface Foreground {
        int run();
    }

    @Override
    void close();
}
