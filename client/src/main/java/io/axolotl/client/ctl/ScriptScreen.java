package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Commands from standard input, one a line, without prompts. Characters are bytes. What commands in the background print is not
 * mixed with a line of another.
 */
final class ScriptScreen implements ShellScreen {
    private final Console console;

    /** Lines that were read. */
    private long lines;

    private boolean isOver;

    ScriptScreen(Console console) {
        this.console = console;
    }

    @Override
    public @Nullable String line(String prompt) {
        if (isOver) {
            return null;
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            int next = console.in().read();
            if (next < 0) {
                return null;
            }
            lines++;
            while (next >= 0 && next != '\n') {
                line.write(next);
                next = console.in().read();
            }
        } catch (IOException e) {
            throw new CtlFailure(ExitCode.IO, "standard input cannot be read: " + e.getMessage());
        }
        return Arguments.of(Bytes.copyOf(line.toByteArray()));
    }

    @Override
    public long lines() {
        return lines;
    }

    @Override
    public void endInput(long line, String why) {
        if (!isOver) {
            isOver = true;
            console.errorLine("The shell ends at line " + line + ": " + why);
        }
    }

    @Override
    public boolean isInteractive() {
        return false;
    }

    @Override
    public Charset charset() {
        return StandardCharsets.ISO_8859_1;
    }

    @Override
    public Console console() {
        InputStream in = new LineInput(() -> line(""));
        return new Console(in, console.out(), console.err(), console.asker());
    }

    @Override
    public Console behind() {
        PrintStream out = whole(console.out());
        PrintStream err = whole(console.err());
        return new Console(InputStream.nullInputStream(), out, err, prompt -> null);
    }

    private static PrintStream whole(PrintStream to) {
        WholeOutput gathered = new WholeOutput(text -> {
            to.writeBytes(text.toByteArray());
            to.flush();
        });
        return new PrintStream(gathered, false, StandardCharsets.UTF_8);
    }

    @Override
    public int run(Foreground command) {
        int exitCode = command.run();
        console.out().flush();
        return exitCode;
    }

    @Override
    public void close() {
        console.out().flush();
    }
}
