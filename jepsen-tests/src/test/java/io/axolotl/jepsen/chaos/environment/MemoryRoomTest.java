package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.jepsen.process.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process that wants sixty megabytes when it is told to. */
@Timeout(60)
class MemoryRoomTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final long SPARE_BYTES = 8 << 20;
    private static final int WANTED_BYTES = 60_000_000;

    private final List<AutoCloseable> open = new ArrayList<>();

    private MemoryRoom room() {
        assumeTrue(MemoryRoom.obstacle().isEmpty(), "needs control groups for memory");
        MemoryRoom room = MemoryRoom.make();
        open.add(room);
        return room;
    }

    private Process hungry(MemoryRoom room) throws IOException {
        List<String> words = new ArrayList<>(room.wrapper());
        words.addAll(List.of(
                "sh",
                "-c",
                "echo ready && read go && awk 'BEGIN { s = \"x\"; while (length(s) < " + WANTED_BYTES
                        + ") s = s s; print \"all\" }'"));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        open.add(0, () -> process.destroyForcibly().waitFor());
        // Only then is nothing loaded any more.
        assertThat(process.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("ready");
        return process;
    }

    private static void go(Process process) throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    private static String output(Process process) throws IOException {
        return process.inputReader(StandardCharsets.UTF_8).lines().collect(Collectors.joining());
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    @DisplayName("P10: who wants more than there is waits, and goes on when there is room again")
    void whoWantsMoreWaits() throws Exception {
        MemoryRoom room = room();
        Process process = hungry(room);
        long bytes = room.tighten(SPARE_BYTES, false);
        assertThat(bytes).isBetween(SPARE_BYTES, (long) WANTED_BYTES / 2);
        assertThat(room.timesFull()).isZero();
        go(process);
        Await.fact("the room to be full", BOUND, () -> room.timesFull() > 0);
        assertThat(room.used()).isLessThanOrEqualTo(bytes);
        assertThat(process.isAlive()).isTrue();
        room.loosen();
        assertThat(output(process)).isEqualTo("all");
    }

    @Test
    @DisplayName("P12: or is killed")
    void orIsKilled() throws Exception {
        MemoryRoom room = room();
        Process process = hungry(room);
        long unused = room.tighten(SPARE_BYTES, true);
        go(process);
        assertThat(output(process)).doesNotContain("all");
        assertThat(room.timesFull()).isPositive();
    }
}
