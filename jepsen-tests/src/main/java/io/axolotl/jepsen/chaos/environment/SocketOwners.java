package io.axolotl.jepsen.chaos.environment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which process holds the other end of a connection within this machine, as {@code /proc} tells. */
final class SocketOwners {
    private static final List<Path> TABLES = List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int INODE = 9;

    private SocketOwners() {}

    /**
     * The socket whose near port and far port these are.
     *
     * @return its number, as {@code socket:[…]} has it in the folders of open files; nothing if there is none (any more)
     */
    static Optional<String> socket(int nearPort, int farPort) {
        return TABLES.stream()
                .filter(Files::exists)
                .flatMap(table -> read(table).stream().skip(1))
                .map(line -> line.strip().split("\\s+", -1))
                .filter(words -> words.length > INODE
                        && words[LOCAL].endsWith(hex(nearPort))
                        && words[REMOTE].endsWith(hex(farPort))
                        // A socket that nobody holds any more has none.
                        && !words[INODE].equals("0"))
                .map(words -> words[INODE])
                .findFirst();
    }

    private static String hex(int port) {
        return String.format(Locale.ROOT, ":%04X", port);
    }

    private static List<String> read(Path table) {
        try {
            return Files.readAllLines(table);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + table, e);
        }
    }

    /** Whether a process of this user holds a socket. */
    static boolean holds(long pid, String socket) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path file : files) {
                if (leadsTo(file, "socket:[" + socket + "]")) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            // The process has ended.
            return false;
        }
    }

    private static boolean leadsTo(Path file, String name) {
        try {
            return Files.readSymbolicLink(file).toString().equals(name);
        } catch (IOException e) {
            // Closed meanwhile.
            return false;
        }
    }
}
