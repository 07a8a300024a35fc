package io.axolotl.jepsen.playground;

import io.axolotl.jepsen.process.ServerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** The commands that can be typed while the playground runs. Confined to one thread. */
final class Console {
    private final Playground playground;
    private final PrintStream out;
    private final Map<String, Consumer<ServerProcess>> nodeCommands;

    Console(Playground playground, PrintStream out) {
        this.playground = playground;
        this.out = out;
        this.nodeCommands = Map.of(
                "kill", playground::kill,
                "start", playground::restart,
                "pause", playground::pause,
                "resume", playground::resume);
    }

    /** Takes commands until {@code quit}. At the end of the input it waits for the process to be stopped. */
    void run(InputStream in) {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, Charset.defaultCharset()));
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.strip().equals("quit")) {
                    return;
                }
                obey(line.strip());
            }
            new CountDownLatch(1).await();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read commands", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void obey(String line) {
        String[] words = line.split("\\s+", -1);
        Consumer<ServerProcess> command = nodeCommands.get(words[0]);
        if (line.isEmpty()) {
            return;
        }
        if (words.length == 1 && words[0].equals("status")) {
            playground.tellStatus();
        } else if (words.length == 2 && command != null) {
            try {
                command.accept(playground.node(words[1]));
            } catch (IllegalArgumentException e) {
                out.println(e.getMessage());
            }
        } else {
            out.println("kill NODE     kill -9: it stops without a word");
            out.println("start NODE    start it again on its old folder");
            out.println("pause NODE    SIGSTOP: it keeps its ports and does nothing");
            out.println("resume NODE   SIGCONT");
            out.println("status        who leads, and how far each node has applied");
            out.println("quit          stop everything, as Ctrl-C does");
        }
    }
}
