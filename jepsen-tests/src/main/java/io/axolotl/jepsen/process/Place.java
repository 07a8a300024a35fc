package io.axolotl.jepsen.process;

import java.util.List;

/**
 * Where a node runs and how it is reached from here and by its peers. Immutable.
 *
 * @param clientHost address of its client port, as seen from this JVM
 * @param peerHost address of its peer port, as seen from the other nodes
 * @param prefix words of the command line before the program, which must end in the program itself and keep its process id
 */
public record Place(String clientHost, String peerHost, List<String> prefix) {
    /** Beside everything else on 127.0.0.1. */
    public static final Place LOOPBACK = new Place("127.0.0.1", "127.0.0.1", List.of());

    public Place {
        prefix = List.copyOf(prefix);
    }
}
