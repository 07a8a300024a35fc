package io.axolotl.jepsen.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * The flags of a tool whose servers live in a network of their own ({@link Enclosure}) where that is possible, else on loopback, where
 * nobody can be cut off. Confined to one thread.
 */
public final class OwnNetwork {
    @Option(names = "--in-place", description = "on loopback, without a network of its own")
    private boolean isInPlace;

    @Option(names = "--enclosed", hidden = true)
    private boolean isEnclosed;

    /**
     * Runs the whole tool again inside an enclosure, unless it is inside already, or should not or cannot be; says why it cannot.
     *
     * @param main has a method {@code main}
     * @param words its command line
     * @return its exit code; if empty, the caller goes on by itself
     */
    public Optional<Integer> enter(Class<?> main, List<String> words) {
        if (isEnclosed) {
            Enclosure.endWithOutside();
            return Optional.empty();
        }
        if (isInPlace) {
            return Optional.empty();
        }
        Optional<String> obstacle = Enclosure.obstacle();
        if (obstacle.isPresent()) {
            System.err.println("Without a network of its own: " + obstacle.get());
            return Optional.empty();
        }
        List<String> inside = new ArrayList<>(words);
        inside.add("--enclosed");
        return Optional.of(Enclosure.run(main, inside));
    }

    public boolean isEnclosed() {
        return isEnclosed;
    }

    /** A network for so many nodes, empty on loopback. The caller closes it. */
    public Optional<NodeNetwork> open(int nodes) {
        return isEnclosed ? Optional.of(NodeNetwork.of(nodes)) : Optional.empty();
    }
}
