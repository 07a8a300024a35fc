package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.InputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Where a command reads and writes. Keys and values pass as bytes, never through a character set.
 *
 * @param asker for what is not to be seen
 */
record Console(InputStream in, PrintStream out, PrintStream err, Asker asker) {
    /** Asks whoever sits at the terminal, and shows nothing of the answer. */
    interface Asker {
        /** Null if nobody sits there. */
        @Nullable String ask(String prompt);
    }

    /** With the terminal of this process, if it has one. */
    Console(InputStream in, PrintStream out, PrintStream err) {
        this(in, out, err, PasswordInput::askTerminal);
    }

    void line(String text) {
        line(Bytes.of(text));
    }

    void line(Bytes bytes) {
        out.writeBytes(bytes.toByteArray());
        out.write('\n');
    }

    void errorLine(String text) {
        err.writeBytes(Bytes.of(text).toByteArray());
        err.write('\n');
    }
}
