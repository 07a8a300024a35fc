package io.axolotl.client.ctl;

import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** Where a shell gets its lines from and shows what comes of them: a terminal, or a file of commands. */
interface ShellScreen extends AutoCloseable {
    /** The next line; null after the last. */
    @Nullable String line(String prompt);

    /** Lines that were read so far, whoever wanted them. */
    long lines();

    /**
     * Reads no more lines, and says so; somebody at a terminal sees what was wrong and is asked on.
     *
     * @param line of the command because of which
     */
    void endInput(long line, String why);

    boolean isInteractive();

    /** In which the characters of lines become bytes. */
    Charset charset();

    /** Where a command in the foreground reads and writes. */
    Console console();

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
