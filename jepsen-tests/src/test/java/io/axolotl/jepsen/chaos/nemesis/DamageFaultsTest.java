package io.axolotl.jepsen.chaos.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamageFaultsTest {
    @TempDir
    private Path member;

    private Path file(String name, String content, long writtenAtMillis) throws IOException {
        Path file =
                Files.writeString(Files.createDirectories(member.resolve("wal")).resolve(name), content);
        return Files.setLastModifiedTime(file, FileTime.fromMillis(writtenAtMillis));
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(member.resolve("wal"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    @DisplayName("D17: of the log the oldest file is lost, or the one that was written to last, and no other")
    void theOldestOrTheNewestFileOfTheLogIsLost() throws IOException {
        Set<String> lost = new TreeSet<>();
        for (int seed = 0; seed < 20; seed++) {
            List<String> all = List.of("1.wal", "2.wal", "3.wal", "4.wal", "5.spare");
            file("1.wal", "entries", 1_000);
            file("2.wal", "entries", 2_000);
            file("3.wal", "entries", 4_000);
            file("4.wal", "made in advance", 3_000);
            file("5.spare", "retired", 5_000);
            String told =
                    DamageFaults.loseLogFile(member, new SplittableRandom(seed)).orElseThrow();
            List<String> gone = new ArrayList<>(all);
            gone.removeAll(left());
            assertThat(gone).hasSize(1);
            assertThat(told).isEqualTo(gone.get(0) + " is gone, one of 4 files of the log");
            lost.addAll(gone);
        }
        assertThat(lost).containsExactly("1.wal", "3.wal");
    }

    @Test
    void whereThereIsNoLogNothingIsLost() throws IOException {
        assertThat(DamageFaults.loseLogFile(member, new SplittableRandom(1))).isEmpty();
    }
}
