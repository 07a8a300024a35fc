package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.jepsen.process.Command;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {
    @TempDir
    private Path temp;

    @Test
    @DisplayName("what cannot be done is told with its reason, and without namespaces that is most of it")
    void whatIsMissingIsTold() {
        Map<Ability, String> missing = Environment.missing(Target.AXOLOTL, false);
        assertThat(missing)
                .containsKeys(
                        Ability.LOSSY_LINKS,
                        Ability.CLIENT_LINKS,
                        Ability.SMALL_DISKS,
                        Ability.POWER_CUTS,
                        Ability.DISK_SHARES)
                .doesNotContainKeys(Ability.LINKS, Ability.SLOW_LINKS);
        assertThat(missing.values()).allMatch(reason -> reason.length() > 10);
        assertThat(Environment.missing(Target.ETCD, false).get(Ability.CLOCKS)).contains("Go program");
    }

    @Test
    @DisplayName("D6: a power cut takes what was not synced, keeps what was, and leaves nothing mounted")
    void aPowerCutTakesWhatWasNotSynced() throws IOException {
        assumeTrue(SmallDisk.powerCutObstacle().isEmpty(), "needs root and loop devices");
        try (SmallDisk disk = SmallDisk.mount(temp, "disk", 8)) {
            write(disk.folder().resolve("synced"), true);
            write(disk.folder().resolve("unsynced"), false);
            assertThat(disk.refusal()).isEmpty();
            disk.cutPower();
            assertThat(disk.refusal()).isPresent();
            assertThatThrownBy(() -> write(disk.folder().resolve("late"), false))
                    .isInstanceOf(IOException.class);
            disk.powerOn();
            assertThat(disk.folder().resolve("synced")).hasContent("acknowledged");
            Path unsynced = disk.folder().resolve("unsynced");
            assertThat(Files.exists(unsynced) ? Files.size(unsynced) : 0).isZero();
            disk.fill();
            assertThat(disk.refusal()).hasValueSatisfying(why -> assertThat(why).contains("No space left"));
            assertThatThrownBy(() -> write(disk.folder().resolve("one more"), true))
                    .hasMessageContaining("No space left");
            disk.free();
            assertThat(disk.refusal()).isEmpty();
            write(disk.folder().resolve("one more"), true);
        }
        assertThat(Command.run(List.of("mount"), "").output()).doesNotContain(temp.toString());
        assertThat(temp.resolve("disk.img")).doesNotExist();
    }

    private static void write(Path file, boolean isSynced) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            int unused = channel.write(ByteBuffer.wrap("acknowledged".getBytes(StandardCharsets.UTF_8)));
            if (isSynced) {
                channel.force(true);
            }
        }
        if (isSynced) {
            try (FileChannel folder = FileChannel.open(file.getParent())) {
                folder.force(true);
            }
        }
    }
}
