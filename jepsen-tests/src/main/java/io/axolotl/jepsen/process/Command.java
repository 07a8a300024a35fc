package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A short command of the system, run to its end. Safe for all threads. */
public final class Command {
    private Command() {}

    /**
     * What became of it.
     *
     * @param output of both streams
     */
    public record Ended(int exitCode, String output) {}

    /** @param input given to the command */
    public static Ended run(List<String> words, String input) {
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), output.strip());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + words.get(0), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Await.TooLateException("interrupted while running " + words.get(0));
        }
    }

    /** @throws IllegalStateException with what it said, if it ends with another code than 0 */
    public static void require(List<String> words, String input) {
        Ended ended = run(words, input);
        if (ended.exitCode != 0) {
            throw new IllegalStateException(String.join(" ", words) + " failed: " + ended.output);
        }
    }
}
