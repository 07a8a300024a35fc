package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A part of this machine that ends with the program in it: a network and process numbers of its own, as Linux namespaces.
 * Whatever is started inside is killed by the kernel when the program inside ends, however it ends, and its network goes with
 * it: nothing has to be cleaned up, even after {@code kill -9}. Needs root, or a kernel that lets everybody have them.
 */
public final class Enclosure {
    private static final int FOUND_WANTING = 1;

    private Enclosure() {}

    /** What keeps us from making one here, in words for people; nothing if it works. */
    public static Optional<String> obstacle() {
        for (String program : List.of("unshare", "nsenter", "ip")) {
            if (!Target.onPath(program)) {
                return Optional.of(program + " is not installed (packages util-linux and iproute2)");
            }
        }
        List<String> words = new ArrayList<>(enter());
        words.addAll(List.of("ip", "link", "add", "probe", "type", "bridge"));
        Command.Ended tried = Command.run(words, "");
        return tried.exitCode() == 0
                ? Optional.empty()
                : Optional.of("this user may not make network namespaces (" + tried.output() + "); root may");
    }

    private static List<String> enter() {
        List<String> words = new ArrayList<>(List.of("unshare"));
        if (!"root".equals(System.getProperty("user.name"))) {
            words.addAll(List.of("--user", "--map-root-user"));
        }
        words.addAll(List.of("--net", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child", "--"));
        return words;
    }

    /**
     * Runs a main class inside, in a Java like this one, and waits.
     *
     * @return its exit code
     */
    public static int run(Class<?> mainClass, List<String> arguments) {
        List<String> words = new ArrayList<>(enter());
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass.getName()));
        words.addAll(arguments);
        try {
            Process inside = new ProcessBuilder(words)
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Children.adoptWithItsOwnEnd(inside);
            return inside.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run unshare", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FOUND_WANTING;
        }
    }

    /** Called inside: ends this JVM as soon as the one outside is gone, which closes our input. */
    public static void endWithOutside() {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            Thread.onSpinWait();
                        }
                    } catch (IOException e) {
                        // As good as the end of the input.
                        System.err.println("The way out is broken: " + e.getMessage());
                    }
                    System.exit(FOUND_WANTING);
                },
                "end-with-outside");
        thread.setDaemon(true);
        thread.start();
    }
}
