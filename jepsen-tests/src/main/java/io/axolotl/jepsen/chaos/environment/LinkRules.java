package io.axolotl.jepsen.chaos.environment;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What faults ask of the links, each for itself: a link is as bad as all that is asked of it together, and becomes whole when the
 * last of it is taken back, in whatever order that happens. Safe for all threads; changes are made one after the other.
 */
public final class LinkRules {
    private final BiConsumer<Link, LinkState> apply;
    private final Set<Rule> rules = new LinkedHashSet<>();
    private final Map<Link, LinkState> now = new LinkedHashMap<>();

    /** What one fault asks for, until it is lifted. */
    public final class Rule implements AutoCloseable {
        private final Map<Link, LinkState> states;

        private Rule(Map<Link, LinkState> states) {
            this.states = Map.copyOf(states);
        }

        /** Takes it back. Does nothing the second time. */
        @Override
        public void close() {
            lift(this);
        }
    }

    /** @param apply brings a link into a state; only called when that is another one than before */
    public LinkRules(BiConsumer<Link, LinkState> apply) {
        this.apply = apply;
    }

    /** The same for several links. */
    public Rule impose(Collection<Link> links, LinkState state) {
        Map<Link, LinkState> states = new LinkedHashMap<>();
        links.forEach(link -> states.put(link, state));
        return impose(states);
    }

    public synchronized Rule impose(Map<Link, LinkState> states) {
        Rule rule = new Rule(states);
        rules.add(rule);
        try {
            update(rule.states.keySet());
            return rule;
        } catch (RuntimeException e) {
            lift(rule);
            throw e;
        }
    }

    private synchronized void lift(Rule rule) {
        if (rules.remove(rule)) {
            update(rule.states.keySet());
        }
    }

    /** Makes every link whole, whatever was asked. */
    public synchronized void liftAll() {
        rules.clear();
        update(Set.copyOf(now.keySet()));
    }

    /**
     * Brings every link that is not whole into its state once more: what that takes has changed.
     *
     * @return what could not be done, in words for people; the other links are as they should be
     */
    synchronized List<String> applyAgain() {
        List<String> failures = new ArrayList<>();
        now.forEach((link, state) -> {
            try {
                apply.accept(link, state);
            } catch (RuntimeException e) {
                failures.add(link + ": " + e.getMessage());
            }
        });
        return failures;
    }

    /** As it is now. */
    public synchronized LinkState state(Link link) {
        return now.getOrDefault(link, LinkState.WHOLE);
    }

    private void update(Collection<Link> links) {
        for (Link link : links) {
            LinkState wanted = LinkState.WHOLE;
            for (Rule rule : rules) {
                wanted = wanted.and(rule.states.getOrDefault(link, LinkState.WHOLE));
            }
            if (!wanted.equals(state(link))) {
                apply.accept(link, wanted);
                if (wanted.equals(LinkState.WHOLE)) {
                    now.remove(link);
                } else {
                    now.put(link, wanted);
                }
            }
        }
    }
}
