package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.Place;
import io.axolotl.jepsen.process.ServerProcess;
import java.util.Optional;
import java.util.Set;

/** A network of which each direction between two nodes can be hurt for itself. Thread rule: that of {@link LinkRules}. */
public interface Network extends AutoCloseable {
    /** In words for people and reports: how it is made. */
    String description();

    /** What it can do; {@link Ability#LINKS} at least. */
    Set<Ability> abilities();

    /** Where a node is put. */
    Place place(int node);

    /** What else a node needs to be started in it. */
    ServerProcess.Spec tailor(int node, ServerProcess.Spec spec);

    /** By which links are hurt. */
    LinkRules links();

    /** What of it has broken by itself, in words for people: links may be better than faults asked for. */
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /** What has become of the packets of a link, where somebody counts. */
    default Optional<LinkTally> tally(Link link) {
        return Optional.empty();
    }

    /**
     * Whether the sender of a link who wants to connect to the receiver gets no answer at all, not even a refusal, within half a second:
     * the link or its way back is cut. Empty where nobody can ask.
     *
     * @param port of the receiver
     */
    default Optional<Boolean> isSilent(Link link, int port) {
        return Optional.empty();
    }

    /**
     * Cuts clients off from a node, or lets them through again.
     *
     * @throws UnsupportedOperationException without {@link Ability#CLIENT_LINKS}
     */
    default void cutClients(int node, boolean cut) {
        throw new UnsupportedOperationException("clients cannot be cut off here: " + description());
    }

    /** Everything that was made for it is gone afterwards. */
    @Override
    void close();
}
