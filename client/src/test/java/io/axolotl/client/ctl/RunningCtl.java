package io.axolotl.client.ctl;

import java.io.BufferedOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A command line under way on a thread of its own. */
final class RunningCtl {
    /** What a machine under load may take. */
    static final Map<String, String> PATIENT = Map.of("ETCDCTL_DIAL_TIMEOUT", "30s", "ETCDCTL_COMMAND_TIMEOUT", "30s");

    final SeenOutput out = new SeenOutput();
    final SeenOutput err = new SeenOutput();

    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private final Thread thread;

    RunningCtl(String endpoint, String... command) {
        String[] args = Stream.concat(Stream.of("--endpoints=" + endpoint), Arrays.stream(command))
                .toArray(String[]::new);
        // As in a process: what nobody flushes is not seen.
        PrintStream buffered = new PrintStream(new BufferedOutputStream(out, 1 << 16), false, StandardCharsets.UTF_8);
        thread = new Thread(() -> {
            int code = CtlMain.run(
                    args,
                    PATIENT,
                    InputStream.nullInputStream(),
                    buffered,
                    new PrintStream(err, true, StandardCharsets.UTF_8));
            buffered.flush();
            exitCode.complete(code);
        });
        thread.setDaemon(true);
        thread.start();
    }

    void interrupt() {
        thread.interrupt();
    }

    /** What it has left behind; waits until it has ended. */
    Ctl end() throws Exception {
        return new Ctl(exitCode.get(60, TimeUnit.SECONDS), out.whole(), err.whole());
    }
}
