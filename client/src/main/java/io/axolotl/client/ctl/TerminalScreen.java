package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/**
 * A terminal at which somebody sits: lines are edited, completed and remembered; Ctrl-C stops the command in the foreground; what
 * commands in the background print appears above the line that is being typed.
 *
 * <p>Lines are read and commands run on one thread; {@link #behind} is for any.
 */
final class TerminalScreen implements ShellScreen {
    private final Terminal terminal;
    private final LineReader reader;
    private final PrintStream out;

    /** Whether the line is for a command that asks for it: no words, no quotes, and nothing is offered. */
    private volatile boolean isAsked;

    /**
     * Takes the terminal over.
     *
     * @param history the file for lines that were typed; null for none
     */
    TerminalScreen(Terminal terminal, Completer completer, @Nullable Path history) {
        this.terminal = terminal;
        LineReaderBuilder builder = LineReaderBuilder.builder()
                .appName("axolotl")
                .terminal(terminal)
                .parser(new ShellParser(() -> !isAsked))
                .completer((asking, line, candidates) -> {
                    if (!isAsked) {
                        completer.complete(asking, line, candidates);
                    }
                })
                .history(new ShellHistory())
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, "> ")
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .option(LineReader.Option.COMPLETE_MATCHER_TYPO, false)
                .option(LineReader.Option.HISTORY_IGNORE_SPACE, true)
                .option(LineReader.Option.INSERT_TAB, false);
        if (history != null) {
            builder.variable(LineReader.HISTORY_FILE, history);
        }
        this.reader = builder.build();
        this.out = new PrintStream(terminal.output(), false, StandardCharsets.UTF_8);
        // Between two commands there is nothing to stop: by default the process would end.
        terminal.handle(Terminal.Signal.INT, signal -> {});
    }

    @Override
    public @Nullable String line(String prompt) {
        while (true) {
            try {
                return reader.readLine(prompt);
            } catch (UserInterruptException e) {
                // Ctrl-C leaves the line, not the shell: asks for another one.
                terminal.flush();
            } catch (EndOfFileException | IllegalStateException e) {
                // The end, or a signal that has closed the terminal.
                return null;
            }
        }
    }

    /** Of lines that a command asks for: not remembered, and Ctrl-C ends the command. */
    private @Nullable String lineForCommand() {
        reader.setVariable(LineReader.DISABLE_HISTORY, true);
        isAsked = true;
        try {
            return Arguments.of(Bytes.of(reader.readLine("> ")));
        } catch (EndOfFileException | UserInterruptException | IllegalStateException e) {
            return null;
        } finally {
            isAsked = false;
            reader.setVariable(LineReader.DISABLE_HISTORY, false);
        }
    }

    private @Nullable String secret(String prompt) {
        isAsked = true;
        try {
            return reader.readLine(prompt, '\0');
        } catch (EndOfFileException | UserInterruptException | IllegalStateException e) {
            throw CtlFailure.badArgs("no password was given");
        } finally {
            isAsked = false;
        }
    }

    @Override
    public long lines() {
        return 0;
    }

    @Override
    public void endInput(long line, String why) {
        // Whoever sits here sees what has failed.
    }

    @Override
    public boolean isInteractive() {
        return true;
    }

    @Override
    public Charset charset() {
        return StandardCharsets.UTF_8;
    }

    @Override
    public Console console() {
        return new Console(new LineInput(this::lineForCommand), out, out, this::secret);
    }

    @Override
    public Console behind() {
        PrintStream above = new PrintStream(new WholeOutput(this::showAbove), false, StandardCharsets.UTF_8);
        PrintStream errors = new PrintStream(new WholeOutput(this::showAbove), false, StandardCharsets.UTF_8);
        return new Console(InputStream.nullInputStream(), above, errors, prompt -> null);
    }

    /** Without what would move the cursor away from the line that is being typed. */
    private void showAbove(Bytes text) {
        StringBuilder shown = new StringBuilder();
        text.utf8().codePoints().forEach(code -> {
            if (code == '\n' || code == '\t' || !Character.isISOControl(code)) {
                shown.appendCodePoint(code);
            } else {
                shown.append('^').append((char) (code ^ 0x40));
            }
        });
        reader.printAbove(shown.toString());
    }

    @Override
    public int run(Foreground command) {
        Thread running = Thread.currentThread();
        Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> {
            // The terminal has shown ^C; what follows begins a line.
            out.write('\n');
            running.interrupt();
        });
        try {
            return command.run();
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
            // What came too late for the command is not for the next.
            boolean unused = Thread.interrupted();
            out.flush();
        }
    }

    @Override
    public void close() {
        out.flush();
        try {
            terminal.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the terminal cannot be given back", e);
        }
    }
}
