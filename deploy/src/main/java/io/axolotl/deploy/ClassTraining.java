package io.axolotl.deploy;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.server.EtcdMain;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Starts a server in this process, uses it a little and ends it, so that the Java machine loads the classes which every
 * server loads, and can write them into an archive when it exits ({@code -XX:ArchiveClassesAtExit}).
 */
public final class ClassTraining {
    /** A machine may be busy while something is installed. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private ClassTraining() {}

    /** @param arguments a folder that does not exist yet; whoever calls removes it */
    public static void main(String[] arguments) {
        if (arguments.length != 1) {
            System.err.println("give a folder for the data of the server that is started for a moment");
            System.exit(2);
        }
        Path data = Path.of(arguments[0]);
        String client = "http://127.0.0.1:" + LoopbackPorts.free();
        String peer = "http://127.0.0.1:" + LoopbackPorts.free();
        Thread server = new Thread(
                () -> serve(
                        "--name=training",
                        "--data-dir=" + data,
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=training=" + peer),
                "training");
        server.setDaemon(true);
        server.start();
        try (AxolotlClient user = AxolotlClient.builder()
                .endpoints(client)
                .requestTimeout(PATIENCE)
                .build()) {
            user.kv().put("key", "value").await();
            user.kv().get("key").await();
            user.kv().delete("key").await();
        }
        // The shutdown hook of the server stops it, and the archive is written last.
        System.exit(0);
    }

    private static void serve(String... flags) {
        try {
            EtcdMain.main(flags);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
