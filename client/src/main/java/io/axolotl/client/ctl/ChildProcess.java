package io.axolotl.client.ctl;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** A program that a command runs. What it writes is passed on as it comes. Safe for all threads. */
final class ChildProcess {
    /** For a program to end that is asked to. */
    static final long PATIENCE_SECONDS = 5;

    private static final int PIECE_BYTES = 8192;

    private final Process process;
    private final Thread errors;
    private final Thread output;

    private ChildProcess(Process process, Console console) {
        this.process = process;
        this.errors = copier(process.getErrorStream(), console.err());
        this.output = copier(process.getInputStream(), console.out());
    }

    /** @throws IOException if there is no such program */
    static ChildProcess start(ProcessBuilder builder, Console console) throws IOException {
        Process process = builder.start();
        process.getOutputStream().close();
        return new ChildProcess(process, console);
    }

    /**
     * Waits until it has ended and all it has written has been passed on. An interrupt ends it first.
     *
     * @return its exit code
     */
    int await() throws InterruptedException {
        try {
            int exitCode = process.waitFor();
            errors.join();
            output.join();
            return exitCode;
        } catch (InterruptedException e) {
            var unused = end();
            throw e;
        }
    }

    /**
     * Has it end: it is asked to, and after a while made to. Returns when it has, whether this thread is interrupted or not.
     *
     * @return its exit code
     */
    int end() {
        process.destroy();
        Process ended = process.onExit()
                .completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        return ended.destroyForcibly().onExit().join().exitValue();
    }

    private static Thread copier(InputStream from, PrintStream to) {
        Thread copier = new Thread(() -> copy(from, to), "program-output");
        copier.setDaemon(true);
        copier.start();
        return copier;
    }

    private static void copy(InputStream from, PrintStream to) {
        byte[] piece = new byte[PIECE_BYTES];
        try {
            for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
                to.write(piece, 0, count);
                to.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the output of a program cannot be passed on", e);
        }
    }
}
