package io.axolotl.jepsen.chaos.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.jepsen.chaos.nemesis.Effect.Seen;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Command;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EffectsTest {
    private static final Duration BOUND = Duration.ofSeconds(10);

    @Test
    @DisplayName(
            "a process that was stopped is seen to be, one that goes on is not, and one that is gone cannot be looked at")
    void whoIsStoppedIsSeen() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        String pid = Long.toString(process.pid());
        try {
            assertThat(Effects.isStopped(process.pid())).isFalse();
            Command.require(List.of("kill", "-STOP", pid), "");
            Await.fact("the process to stop", BOUND, () -> Effects.isStopped(process.pid()));
            Command.require(List.of("kill", "-CONT", pid), "");
            Await.fact("the process to go on", BOUND, () -> !Effects.isStopped(process.pid()));
        } finally {
            int unused = process.destroyForcibly().waitFor();
        }
        assertThatThrownBy(() -> Effects.isStopped(process.pid())).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    @DisplayName("on a narrow disk only who has asked for most of what there is, and has not waited, has not felt it")
    void whoAsksForLittleNeedNotWait() {
        assertThat(Effects.ofNarrow(Seen.NOT_YET, 19, 20)).isEqualTo(Seen.NOT_YET);
        assertThat(Effects.ofNarrow(Seen.NOT_YET, 10, 20)).isEqualTo(Seen.HIDDEN);
        assertThat(Effects.ofNarrow(Seen.HIDDEN, 19, 20)).isEqualTo(Seen.HIDDEN);
        assertThat(Effects.ofNarrow(Seen.YES, 10, 20)).isEqualTo(Seen.YES);
    }
}
