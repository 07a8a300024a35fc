package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.Command;
import io.axolotl.jepsen.process.ServerProcess;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether somebody listens already where a node is to listen, as {@code /proc} of its network tells. Stateless. */
final class PortCheck {
    private static final int LOCAL = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final String LISTENS = "0A";

    private PortCheck() {}

    /**
     * Looks.
     *
     * @param enter words before a command that is to run in the node's network
     * @return a line for each port that is taken
     */
    static List<String> taken(ServerProcess.Spec node, List<String> enter) {
        List<String> words = new ArrayList<>(enter);
        words.addAll(List.of("cat", "/proc/net/tcp", "/proc/net/tcp6"));
        List<String> table = Command.run(words, "").output().lines().toList();
        List<String> taken = new ArrayList<>();
        for (String flag : List.of("listen-client-urls", "listen-peer-urls")) {
            URI url = URI.create(node.flag(flag));
            listener(table, url.getHost(), url.getPort())
                    .ifPresent(socket -> taken.add("port " + url.getPort() + " of " + url.getHost() + ", where "
                            + node.name() + " is to listen (" + flag + "), is taken by " + owner(socket)));
        }
        return taken;
    }

    /**
     * The socket that listens there, or on all addresses.
     *
     * @param table lines of {@code /proc/net/tcp} and {@code tcp6}
     */
    static Optional<String> listener(List<String> table, String host, int port) {
        String end = String.format(Locale.ROOT, ":%04X", port);
        String address = hex(host);
        return table.stream()
                .map(line -> line.strip().split("\\s+", -1))
                .filter(words -> words.length > INODE
                        && words[STATE].equals(LISTENS)
                        && words[LOCAL].endsWith(end)
                        && (words[LOCAL].matches("0+" + end) || words[LOCAL].endsWith(address + end)))
                .map(words -> words[INODE])
                .findFirst();
    }

    /** As the kernel prints an IPv4 address: the last byte first. */
    private static String hex(String host) {
        StringBuilder hex = new StringBuilder();
        for (String part : host.split("\\.", -1)) {
            hex.insert(0, String.format(Locale.ROOT, "%02X", Integer.parseInt(part)));
        }
        return hex.toString();
    }

    private static String owner(String socket) {
        return ProcessHandle.allProcesses()
                .filter(process -> SocketOwners.holds(process.pid(), socket))
                .map(process -> "process " + process.pid()
                        + process.info()
                                .command()
                                .map(command -> " (" + command + ")")
                                .orElse(""))
                .findFirst()
                .orElse("a process that cannot be seen from here");
    }
}
