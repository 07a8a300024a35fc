package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A part of a measurement that has a Java process of its own, so that its processor time is its own. Stateless. */
public final class Part {
    private Part() {}

    /**
     * Runs a main class and waits for its end; what it writes to stderr goes to this process's.
     *
     * @param name what it is called in errors
     * @return what it wrote to stdout
     * @throws IllegalStateException if it failed, or the caller was interrupted
     */
    public static String output(String name, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>(ServerJvm.command(mainClass));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Children.adopt(process);
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(name + " failed; see its message above");
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was running", e);
        }
    }
}
