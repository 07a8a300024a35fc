package io.axolotl.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The real disk")
class RealDiskTest extends DiskContract {
    private final RealDisk disk = new RealDisk(new DiskMonitor());

    @TempDir
    Path root;

    @Override
    Disk disk() {
        return disk;
    }

    @Override
    Path root() {
        return root;
    }

    @Test
    void tellsTheRoomOfWhatIsThereAlone() {
        assertThat(disk.usableBytes(root)).isPositive();
        assertThatThrownBy(() -> disk.usableBytes(root.resolve("nothing")))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("cannot ask for the free space of " + root.resolve("nothing"));
    }

    @Test
    @DisplayName("makes directories that their owner alone may enter, as etcd does, whatever the umask says")
    void directoriesAreTheOwnersAlone() throws IOException {
        Path inner = root.resolve("data").resolve("member");
        disk.createDirectories(inner);
        for (Path made : List.of(inner, root.resolve("data"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    @DisplayName("knows a full disk from other failures, pitfall 58")
    void knowsAFullDisk() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "this system has no /dev/full");
        try (DiskFile file = disk.open(full)) {
            assertThatThrownBy(() -> file.write(bytes("x"), 0))
                    .isInstanceOf(DiskFullException.class)
                    .hasMessageContaining("No space left on device");
        }
    }

    @Test
    @DisplayName(
            "knows a full disk whatever language the system speaks, and takes no bad disk for one, pitfalls 54, 58")
    void knowsAFullDiskInAnyLanguage() {
        IOException german = new IOException("Auf dem Gerät ist kein Speicherplatz mehr verfügbar");
        IOException ofAFile = new FileSystemException("/a", null, "Kein Speicherplatz");
        assertThat(RealDisk.isForWantOfRoom(german, () -> 0)).isTrue();
        assertThat(RealDisk.isForWantOfRoom(ofAFile, () -> 4096)).isTrue();
        assertThat(RealDisk.isForWantOfRoom(german, () -> 1 << 20)).isFalse();
        assertThat(RealDisk.isForWantOfRoom(new NoSuchFileException("/a"), () -> 0))
                .isFalse();
        assertThat(RealDisk.isForWantOfRoom(new IOException("Disk quota exceeded"), () -> 1 << 30))
                .isTrue();
    }

    @Test
    @DisplayName("refuses a folder that another process has, and keeps the lock after a refused attempt, P17")
    void refusesAFolderOfAnotherProcess() throws IOException, InterruptedException {
        try (FolderLock lock = disk.lock(root)) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> new RealDisk(new DiskMonitor()).lock(root))
                    .isInstanceOf(FolderLockedException.class);
            assertThat(lockInChild()).isEqualTo(LockInChild.REFUSED);
        }
        assertThat(lockInChild()).isEqualTo(LockInChild.TAKEN);
    }

    @Test
    @DisplayName("knows a locked folder by a second path to it, P17")
    void knowsALockedFolderByASecondPath() throws IOException {
        Path link = root.resolve("link");
        Path folder = Files.createDirectory(root.resolve("folder"));
        Files.createSymbolicLink(link, folder);
        try (FolderLock lock = disk.lock(folder)) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> disk.lock(link)).isInstanceOf(FolderLockedException.class);
        }
    }

    @Test
    @DisplayName("tells how long its oldest operation has been running, pitfall 25")
    void tellsTheAgeOfTheOldestOperation() {
        AtomicLong now = new AtomicLong(1000);
        DiskMonitor monitor = new DiskMonitor(now::get);
        assertThat(monitor.oldestRunningNanos()).isZero();
        int first = monitor.begin("sync /a");
        now.set(1500);
        int second = monitor.begin("write /b");
        now.set(2000);
        assertThat(monitor.oldest()).contains(new DiskMonitor.Running("sync /a", 1000));
        monitor.end(first);
        assertThat(monitor.oldestRunningNanos()).isEqualTo(500);
        monitor.end(second);
        assertThat(monitor.oldest()).isEmpty();
    }

    @Test
    void leavesNoOperationBehindInTheMonitor() {
        DiskMonitor monitor = new DiskMonitor();
        RealDisk monitored = new RealDisk(monitor);
        Path file = root.resolve("file");
        monitored.replace(file, new byte[10]);
        assertThatThrownBy(() -> monitored.open(root.resolve("missing"))).isInstanceOf(DiskException.class);
        assertThat(monitor.oldest()).isEmpty();
    }

    @Test
    void countsMoreOperationsThanItCanTrackWithoutHarm() {
        DiskMonitor monitor = new DiskMonitor();
        int[] tickets = new int[100];
        for (int i = 0; i < tickets.length; i++) {
            tickets[i] = monitor.begin("operation " + i);
        }
        assertThat(monitor.oldest()).isPresent();
        for (int ticket : tickets) {
            monitor.end(ticket);
        }
        assertThat(monitor.oldest()).isEmpty();
    }

    private int lockInChild() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockInChild.class.getName(),
                        root.toString())
                .inheritIO()
                .start();
        assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return child.exitValue();
    }
}
