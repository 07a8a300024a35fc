package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Outcome;
import io.axolotl.client.StatusResult;
import io.axolotl.client.transport.LoopbackPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A one-member cluster in a process of its own. */
record RealEtcd(Process process, String endpoint, int clientPort, int peerPort, StatusResult status)
        implements AutoCloseable {
    private static final int PORT_TRIES = 5;

    /** A free port may be taken by another process before etcd binds it; then etcd ends at once, and others will do. */
    static RealEtcd start(Path binary, Path folder) {
        for (int tries = 1; ; tries++) {
            Process[] started = new Process[1];
            try {
                return startOnce(binary, folder.resolve("try" + tries), started);
            } catch (RuntimeException | AssertionError e) {
                boolean hasEnded = started[0] != null && !started[0].isAlive();
                if (started[0] != null) {
                    started[0].destroyForcibly().onExit().join();
                }
                if (!hasEnded || tries == PORT_TRIES) {
                    throw e;
                }
            }
        }
    }

    private static RealEtcd startOnce(Path binary, Path folder, Process[] started) {
        int clientPort = LoopbackPorts.free();
        int peerPort = LoopbackPorts.free();
        String client = "http://127.0.0.1:" + clientPort;
        String peer = "http://127.0.0.1:" + peerPort;
        Process process = launch(
                folder,
                binary.toString(),
                "--name=n1",
                "--data-dir=" + folder.resolve("data"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=n1=" + peer,
                "--heartbeat-interval=50",
                "--election-timeout=500",
                "--bcrypt-cost=4",
                "--unsafe-no-fsync");
        started[0] = process;
        String endpoint = "127.0.0.1:" + clientPort;
        try (AxolotlClient probe = AxolotlClient.builder()
                .endpoints(endpoint)
                .requestTimeout(Duration.ofSeconds(20))
                .build()) {
            // The read is repeated until the server listens and has a leader.
            assertThat(probe.kv().get("ready").awaitOutcome()).isInstanceOf(Outcome.Done.class);
            return new RealEtcd(
                    process,
                    endpoint,
                    clientPort,
                    peerPort,
                    probe.maintenance().status(endpoint).await());
        }
    }

    private static Process launch(Path folder, String... command) {
        try {
            Files.createDirectories(folder);
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** etcdctl lets the server choose ids; a script needs one that it knows. */
    void grantLease(long id) {
        try (AxolotlClient client = AxolotlClient.builder().endpoints(endpoint).build()) {
            assertThat(client.leases().grant(100, id).await().id()).isEqualTo(id);
        }
    }

    /** Replaces what differs between two servers, and what nobody can foresee. */
    Ctl normalize(Ctl run) {
        return new Ctl(run.exitCode(), normalize(run.out()), normalizeError(run.err()));
    }

    private String normalize(String text) {
        return text.replace(Long.toUnsignedString(status.header().clusterId()), "CLUSTER")
                .replace(Long.toUnsignedString(status.header().memberId()), "MEMBER")
                .replace(Long.toHexString(status.header().memberId()), "MEMBER-IN-16-HEX")
                .replace(Integer.toString(clientPort), "CPORT")
                .replace(Integer.toString(peerPort), "PPORT")
                // Ids of leases that the server chose; what is left may differ by the second that has passed.
                .replaceAll("\\b(?!00000000)[0-9a-f]{14,16}\\b", "LEASE")
                .replaceAll("\"(ID|id)\":\\d{10,}", "\"$1\":LEASE")
                .replaceAll("\"ID\" : \\d{10,}", "\"ID\" : LEASE")
                .replaceAll("\"(TTL|DBSize|RaftIndex|RaftAppliedIndex)\" : \\d+", "\"$1\" : N")
                .replaceAll("\"Took\" : \\S+", "\"Took\" : TIME")
                .replaceAll("(remaining\\(|\"ttl\":)\\d+", "$1N")
                .replaceAll("took(\":\"| = )[^\"\\s]+", "took$1TIME")
                .replaceAll("\"(raftIndex|raftAppliedIndex|dbSize|dbSizeInUse)\":\\d+", "\"$1\":N")
                // The same in lines and in cells; the titles are wider than any of these numbers.
                .replaceAll("[0-9.]+ kB, (true|false), (true|false), (\\d+), \\d+, \\d+, ", "SIZE, $1, $2, $3, N, N, ")
                .replaceAll("\\| +[0-9.]+( kB)? (?=\\|)", "| N ")
                // A column is as wide as the ids in it, and one id in sixteen begins with a zero that is left out.
                .replaceAll("\\+-+(?=\\+)", "+-")
                .replaceAll("\\| +ID +(?=\\|)", "| ID ");
    }

    /** Ours may say more after the same words. */
    private String normalizeError(String err) {
        return normalize(err).replaceAll("(Error: malformed comparison: bogus).*", "$1");
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
