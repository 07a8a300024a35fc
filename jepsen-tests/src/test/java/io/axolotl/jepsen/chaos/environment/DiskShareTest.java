package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.jepsen.process.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that makes as many synced writes to a small disk as it is told to. */
@Timeout(60)
class DiskShareTest {
    private static final Path GROUPS = Path.of("/sys/fs/cgroup").resolve(DiskShare.HIERARCHY);
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final int REQUESTS_PER_SECOND = 20;
    private static final int BYTES_PER_SECOND = 1_000_000;

    @TempDir
    private Path temp;

    private SmallDisk disk;
    private Process writer;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(DiskShare.obstacle().isEmpty(), "needs root, loop devices and control groups for requests to disks");
        disk = SmallDisk.mount(temp, "disk", 8);
        writer = new ProcessBuilder(
                        "sh",
                        "-c",
                        "while read size count; do dd if=/dev/zero of=\"$0\" bs=$size oflag=dsync count=$count && echo written; done",
                        disk.folder().resolve("file").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @AfterEach
    void end() throws InterruptedException {
        if (writer != null) {
            int unused = writer.destroyForcibly().waitFor();
            disk.close();
        }
    }

    private void ask(int bytes, int syncs) throws IOException {
        writer.getOutputStream().write((bytes + " " + syncs + "\n").getBytes(StandardCharsets.UTF_8));
        writer.getOutputStream().flush();
    }

    private Duration write(int syncs) throws IOException {
        long startNanos = System.nanoTime();
        ask(512, syncs);
        awaitWritten();
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    private void awaitWritten() throws IOException {
        assertThat(writer.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("written");
    }

    /** In which the writer is, if it is one of ours. */
    private Optional<Path> group() throws IOException {
        String suffix = ":" + DiskShare.HIERARCHY + ":/";
        return Files.readString(Path.of("/proc", Long.toString(writer.pid()), "cgroup"))
                .lines()
                .filter(line -> line.contains(suffix + "axolotl-chaos-"))
                .map(line -> GROUPS.resolve(line.substring(line.indexOf(suffix) + suffix.length())))
                .findFirst();
    }

    @Test
    @DisplayName("D23: a living process gets so many requests a second, and all that there are afterwards")
    void aLivingProcessIsHeld() throws IOException {
        Path group;
        Duration unused = write(1);
        try (DiskShare share = DiskShare.of(writer.pid(), disk, REQUESTS_PER_SECOND, BYTES_PER_SECOND)) {
            assertThat(share.requests()).isZero();
            assertThat(share.perRequest()).isEqualTo(Duration.ofMillis(50));
            assertThat(write(30)).isGreaterThan(Duration.ofSeconds(1));
            assertThat(share.requests()).isGreaterThanOrEqualTo(30);
            group = group().orElseThrow();
            assertThat(group).exists();
        }
        assertThat(writer.isAlive()).isTrue();
        assertThat(group()).isEmpty();
        assertThat(group).doesNotExist();
    }

    @Test
    @DisplayName("whoever waits for its disk goes on as soon as it is let go, not when its turn would have come")
    void whoWaitsGoesOn() throws IOException {
        int bytes = 4 << 20;
        try (DiskShare share = DiskShare.of(writer.pid(), disk, 1_000, bytes / 50)) {
            ask(bytes, 1);
            Await.fact("a request to wait", BOUND, () -> share.requests() > 0);
        }
        long letGoNanos = System.nanoTime();
        awaitWritten();
        assertThat(Duration.ofNanos(System.nanoTime() - letGoNanos))
                .as("its turn would have come after 50 s")
                .isLessThan(Duration.ofSeconds(15));
    }

    @Test
    @DisplayName("a process that ends while it is held leaves nothing behind, and one that is gone cannot be held")
    void whoEndsLeavesNothing() throws Exception {
        Path group;
        try (DiskShare share = DiskShare.of(writer.pid(), disk, REQUESTS_PER_SECOND, BYTES_PER_SECOND)) {
            group = group().orElseThrow();
            int code = writer.destroyForcibly().waitFor();
            assertThat(code).isNotZero();
            assertThat(share.requests()).isZero();
        }
        assertThat(group).doesNotExist();
        assertThatThrownBy(() -> DiskShare.of(writer.pid(), disk, REQUESTS_PER_SECOND, BYTES_PER_SECOND))
                .isInstanceOf(UncheckedIOException.class);
    }
}
