package io.axolotl.jepsen.chaos.environment;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which way the packets of each link take: straight, to nowhere, or through a switch. If that dies, all that was led there goes
 * straight again, and so does what is led there later: a dead switch is never taken for a cut. Then {@link #trouble} says so.
 *
 * <p>Safe for all threads.
 */
final class LinkWays {
    /** How packets are led elsewhere. */
    interface Wiring {
        void straight(Link link);

        void nowhere(Link link);

        /** To the switch. */
        void around(Link link);
    }

    private final Wiring wiring;
    private final Optional<BiConsumer<Link, LinkState>> aSwitch;
    private final LinkRules rules = new LinkRules(this::apply);
    private volatile @Nullable String trouble;

    /** @param aSwitch is told what a link is like before packets are led to it; empty if there is none */
    LinkWays(Wiring wiring, Optional<BiConsumer<Link, LinkState>> aSwitch) {
        this.wiring = wiring;
        this.aSwitch = aSwitch;
    }

    LinkRules rules() {
        return rules;
    }

    private void apply(Link link, LinkState state) {
        if (state.cut()) {
            wiring.nowhere(link);
        } else if (state.equals(LinkState.WHOLE) || trouble != null) {
            wiring.straight(link);
        } else {
            aSwitch.orElseThrow(
                            () -> new UnsupportedOperationException("links can be cut or whole here, and nothing else"))
                    .accept(link, state);
            wiring.around(link);
        }
    }

    /** The switch carries nothing any more. */
    void switchDied(String why) {
        trouble = "the switch of slow and lossy links died, and its links were made whole: " + why;
        List<String> failures = rules.applyAgain();
        if (!failures.isEmpty()) {
            trouble = trouble + "; not all of them could be: " + String.join("; ", failures);
        }
    }

    /** What has broken, in words for people. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }
}
