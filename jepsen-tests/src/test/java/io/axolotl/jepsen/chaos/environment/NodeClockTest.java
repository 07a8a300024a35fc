package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.jepsen.process.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeClockTest {
    private static final Duration BOUND = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private NodeClock clock() {
        return NodeClock.of(Path.of("libfaketime.so.1"), folder, 0);
    }

    private String told() {
        try {
            return Files.readString(folder.resolve("clock-1")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName("a library that is there and does not move the time is told as missing, in words")
    void aLibraryThatDoesNothingIsTold() throws IOException {
        Path library = Files.writeString(folder.resolve("libfaketime.so.1"), "of another machine");
        assertThat(NodeClock.obstacle(library))
                .hasValueSatisfying(reason -> assertThat(reason)
                        .contains(library + " does not move the time of a program")
                        .contains("yesterday"));
    }

    @Test
    @DisplayName("one that does is no obstacle")
    void aLibraryThatWorksIsNoObstacle() {
        assumeTrue(NodeClock.library().isPresent(), "needs libfaketime");
        assertThat(NodeClock.obstacle()).isEmpty();
    }

    @Test
    void jumpsToAnOffset() {
        NodeClock clock = clock();
        assertThat(told()).isEqualTo("+0.000");
        clock.jump(Duration.ofSeconds(-3_203));
        assertThat(told()).isEqualTo("-3203.000");
        clock.setRight();
        assertThat(told()).isEqualTo("+0.000");
    }

    @Test
    @DisplayName(
            "C2: a clock drifts by offsets that grow, never by a rate: with one the library makes threads oversleep")
    void driftsByOffsets() {
        NodeClock clock = clock();
        clock.drift(2);
        List<String> seen = new ArrayList<>();
        Await.fact("a tenth of a second", BOUND, () -> {
            seen.add(told());
            return Double.parseDouble(told()) > 0.1;
        });
        clock.drift(0.5);
        Await.fact("a tenth of a second less", BOUND, () -> Double.parseDouble(told()) < -0.1);
        clock.setRight();
        assertThat(told()).isEqualTo("+0.000");
        assertThat(seen).noneMatch(offset -> offset.contains("x"));
    }

    @Test
    @DisplayName(
            "a drift that could not go on is told by whoever sets the clock next, and the clock is set all the same")
    void aDriftThatEndedIsTold() throws IOException {
        NodeClock clock = clock();
        clock.drift(2);
        Path away = folder.resolveSibling(folder.getFileName() + "-away");
        Files.move(folder, away);
        Await.fact(
                "the drift to end",
                BOUND,
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("drift of clock-1")));
        Files.move(away, folder);
        assertThatThrownBy(clock::setRight)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot set the clock");
        assertThat(told()).isEqualTo("+0.000");
        clock.setRight();
    }

    @Test
    void whatCouldNotBeWrittenIsTold() throws IOException {
        NodeClock clock = clock();
        Files.delete(folder.resolve("clock-1"));
        Files.delete(folder);
        assertThatThrownBy(() -> clock.jump(Duration.ofSeconds(1)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot set the clock");
        Files.createDirectory(folder);
        clock.setRight();
    }
}
