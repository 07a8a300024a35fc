package io.axolotl.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Pitfall 58: space is taken, given back, and never half taken. */
class SpaceReserveTest {
    private static final Path FILE = Path.of("/data/reserve");
    private static final long SIZE_BYTES = 10_000;

    private final FaultyDisk disk = new FaultyDisk();
    private final SpaceReserve reserve = new SpaceReserve(disk, FILE, SIZE_BYTES);

    @BeforeEach
    void makeFolder() {
        disk.createDirectories(Path.of("/data"));
    }

    @Test
    @DisplayName("pitfall 58: it grows in steps, also over a restart, takes exactly its size, and gives back all of it")
    void growsInSteps() {
        disk.limitBytes(100_000);
        reserve.grow(6_000);
        assertThat(reserve.isWhole()).isFalse();
        SpaceReserve later = new SpaceReserve(disk, FILE, SIZE_BYTES);
        later.grow(6_000);
        assertThat(later.isWhole()).isTrue();
        assertThat(later.freeBytes()).isEqualTo(100_000 - SIZE_BYTES);
        later.grow(6_000);
        assertThat(later.freeBytes()).isEqualTo(100_000 - SIZE_BYTES);
        later.release();
        assertThat(later.freeBytes()).isEqualTo(100_000);
        assertThat(later.isWhole()).isFalse();
    }

    @Test
    @DisplayName("D1: a reserve that does not fit leaves nothing behind")
    void whatDoesNotFitIsGivenBack() {
        disk.limitBytes(7_000);
        assertThatThrownBy(() -> reserve.grow(SIZE_BYTES)).isInstanceOf(DiskFullException.class);
        assertThat(disk.exists(FILE)).isFalse();
        assertThat(reserve.freeBytes()).isEqualTo(7_000);
    }

    @Test
    @DisplayName("D1: a start on a full disk finds the room that the reserve had taken")
    void startOnAFullDiskGivesItBack() {
        disk.limitBytes(SIZE_BYTES);
        reserve.grow(SIZE_BYTES);
        assertThat(reserve.freeBytes()).isZero();
        reserve.releaseForStart();
        assertThat(reserve.freeBytes()).isEqualTo(SIZE_BYTES);
    }
}
