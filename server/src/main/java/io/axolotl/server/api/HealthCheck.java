package io.axolotl.server.api;

import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether this member can serve (contract F.2): it can if no alarm is raised, and a read of the key {@code health} is
 * answered, linearizable or only local. The node bounds a barrier by the request timeout, and so the check.
 *
 * <p>Or, asked one by one, what is wrong: {@link Probe}.
 *
 * <p>Safe for all threads.
 */
public final class HealthCheck {
    private static final RangeQuery PROBE = RangeQuery.ofKey("health".getBytes(StandardCharsets.UTF_8));

    /** The checks that {@code /livez} and {@code /readyz} are made of. */
    public enum Probe {
        /** No member is known to hold other data than the rest, and this one is not in doubt. */
        DATA_CORRUPTION,
        /** The store can be read, whatever the others do. A state in doubt is no reason to restart this member: it is being repaired. */
        SERIALIZABLE_READ,
        /** There is a leader that a quorum follows, and this member has caught up with it. */
        LINEARIZABLE_READ,
        /** This member votes, so that clients may be sent to it. */
        NON_LEARNER;

        /** As in paths, queries and metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String OF_HEALTH = "RANGE ERROR:";
    private static final String OF_PROBE = "range error: ";

    private final NodeService node;
    private final StoreReader store;
    private final ReadPool reads;

    public HealthCheck(NodeService node, ReadPool reads) {
        this.node = node;
        this.store = new StoreReader(node::store);
        this.reads = reads;
    }

    /** Told exactly once, on any thread; must not block. */
    @FunctionalInterface
    public interface Verdict {
        /** @param sickness in etcd's words; empty if this member is healthy */
        void on(String sickness);
    }

    /**
     * @param isLocal ask neither for a leader nor for a quorum
     * @param overlooked names of alarms that do not count
     */
    public void check(boolean isLocal, Collection<String> overlooked, Verdict verdict) {
        Optional<Alarm> alarm;
        try {
            alarm = store.read(s -> s.alarms().all().stream()
                    .filter(raised -> !overlooked.contains(raised.kind().name()))
                    .findFirst());
        } catch (RequestRefused refused) {
            verdict.on(OF_HEALTH + refused.error().text());
            return;
        }
        if (alarm.isPresent()) {
            verdict.on("ALARM " + alarm.get().kind());
        } else if (isLocal) {
            readLocally(OF_HEALTH, verdict);
        } else if (node.view().leader() == null) {
            verdict.on("RAFT NO LEADER");
        } else {
            readAfterBarrier(OF_HEALTH, verdict);
        }
    }

    /** One check by itself. */
    public void check(Probe probe, Verdict verdict) {
        switch (probe) {
            case DATA_CORRUPTION -> verdict.on(corruption());
            case SERIALIZABLE_READ -> readLocally(OF_PROBE, verdict);
            case LINEARIZABLE_READ -> readAfterBarrier(OF_PROBE, verdict);
            case NON_LEARNER ->
                verdict.on(
                        node.view().membership().learners().contains(node.self()) ? "not supported for learner" : "");
        }
    }

    private String corruption() {
        if (!node.isTrusted()) {
            return EtcdError.QUARANTINED.text();
        }
        try {
            boolean isRaised =
                    store.read(s -> s.alarms().all().stream().anyMatch(alarm -> alarm.kind() == AlarmKind.CORRUPT));
            return isRaised ? "alarm activated: " + AlarmKind.CORRUPT : "";
        } catch (RequestRefused refused) {
            return refused.error().text();
        }
    }

    private void readAfterBarrier(String prefix, Verdict verdict) {
        node.readBarrier(failure -> {
            if (failure == null) {
                readLocally(prefix, verdict);
            } else {
                verdict.on(prefix + EtcdError.of(failure).text());
            }
        });
    }

    private void readLocally(String prefix, Verdict verdict) {
        if (!reads.offerPoint(() -> verdict.on(read(prefix)))) {
            verdict.on(prefix + EtcdError.TOO_MANY_REQUESTS.text());
        }
    }

    private String read(String prefix) {
        try {
            RangeAnswer answer = store.read(s -> s.range(PROBE));
            return answer instanceof RangeAnswer.Refused refused
                    ? prefix + EtcdError.of(refused.why()).text()
                    : "";
        } catch (RequestRefused refused) {
            return prefix + refused.error().text();
        }
    }
}
