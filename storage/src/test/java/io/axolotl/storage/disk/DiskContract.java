package io.axolotl.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What every disk does. The faulty one must not differ from the real one in anything that is not a fault. */
abstract class DiskContract {
    abstract Disk disk();

    /** An empty directory. */
    abstract Path root();

    @Test
    void readsBackWhatWasWritten() {
        Path file = root().resolve("file");
        try (DiskFile opened = disk().create(file)) {
            opened.write(bytes("hello"), 3);
            opened.write(bytes("J"), 3);
            opened.sync();
            assertThat(opened.size()).isEqualTo(8);
            ByteBuffer read = ByteBuffer.allocate(100);
            assertThat(opened.read(read, 3)).isEqualTo(5);
            assertThat(read.flip()).isEqualTo(bytes("Jello"));
            assertThat(opened.read(ByteBuffer.allocate(1), 8)).isZero();
            opened.truncate(4);
            assertThat(opened.size()).isEqualTo(4);
        }
        assertThat(disk().readAll(file)).containsExactly(0, 0, 0, 'J');
    }

    @Test
    void givesAndTakesNames() {
        Path one = root().resolve("one");
        Path two = root().resolve("two");
        Path three = root().resolve("three");
        write(one, "content");
        disk().rename(one, two);
        disk().link(two, three);
        disk().syncDirectory(root());
        assertThat(disk().exists(one)).isFalse();
        assertThat(disk().list(root())).containsExactly(three, two);
        disk().delete(two);
        assertThat(read(three)).isEqualTo("content");
        write(one, "other");
        disk().rename(one, three);
        assertThat(read(three)).isEqualTo("other");
    }

    @Test
    void keepsAnOpenFileReadableAfterItsNameIsGone() {
        Path file = root().resolve("file");
        write(file, "content");
        try (DiskFile opened = disk().open(file)) {
            disk().delete(file);
            ByteBuffer read = ByteBuffer.allocate(7);
            opened.read(read, 0);
            assertThat(read.flip()).isEqualTo(bytes("content"));
        }
    }

    @Test
    void namesPathAndOperationOfAFailure() {
        Path missing = root().resolve("missing");
        assertThatThrownBy(() -> disk().open(missing))
                .isInstanceOfSatisfying(DiskException.class, failure -> {
                    assertThat(failure.path()).isEqualTo(missing);
                    assertThat(failure.operation()).isEqualTo("open");
                })
                .hasMessageContaining("cannot open " + missing);
        assertThatThrownBy(() -> disk().delete(missing)).isInstanceOf(DiskException.class);
        assertThatThrownBy(() -> disk().rename(missing, root().resolve("x"))).isInstanceOf(DiskException.class);
        assertThatThrownBy(() -> disk().create(missing.resolve("below"))).isInstanceOf(DiskException.class);
        write(missing, "");
        assertThatThrownBy(() -> disk().create(missing)).isInstanceOf(DiskException.class);
        assertThatThrownBy(() -> disk().link(missing, missing)).isInstanceOf(DiskException.class);
        assertThatThrownBy(() -> disk().list(missing)).isInstanceOf(DiskException.class);
    }

    @Test
    void makesAndRemovesTrees() {
        Path deep = root().resolve("a").resolve("b").resolve("c");
        disk().createDirectories(deep);
        disk().createDirectories(deep);
        assertThat(disk().isDirectory(deep)).isTrue();
        write(deep.resolve("file"), "x");
        assertThatThrownBy(() -> disk().delete(deep)).isInstanceOf(DiskException.class);
        disk().deleteTree(root().resolve("a"));
        assertThat(disk().list(root())).isEmpty();
        disk().deleteTree(root().resolve("a"));
    }

    @Test
    void movesADirectoryWithAllThatIsInIt() {
        Path from = root().resolve("from");
        disk().createDirectories(from);
        write(from.resolve("file"), "x");
        disk().rename(from, root().resolve("to"));
        assertThat(read(root().resolve("to").resolve("file"))).isEqualTo("x");
    }

    @Test
    void replacesAFileAtOnce() {
        Path file = root().resolve("file");
        disk().replace(file, bytes("one").array());
        disk().replace(file, bytes("two!").array());
        assertThat(read(file)).isEqualTo("two!");
        assertThat(disk().list(root())).containsExactly(file);
    }

    @Test
    void knowsItsFreeSpace() {
        assertThat(disk().usableBytes(root())).isPositive();
    }

    @Test
    void locksAFolderOnce() {
        FolderLock lock = disk().lock(root());
        assertThatThrownBy(() -> disk().lock(root()))
                .isInstanceOf(FolderLockedException.class)
                .hasMessageContaining(root().toString());
        lock.close();
        lock.close();
        disk().lock(root()).close();
    }

    void write(Path file, String content) {
        try (DiskFile opened = disk().create(file)) {
            opened.write(bytes(content), 0);
            opened.sync();
        }
    }

    String read(Path file) {
        return new String(disk().readAll(file), StandardCharsets.UTF_8);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
