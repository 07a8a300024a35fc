package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.InputStream;
import java.io.PrintStream;

/** Where a command reads and writes. Keys and values pass as bytes, never through a character set. */
record Console(InputStream in, PrintStream out, PrintStream err) {
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
