package io.axolotl.server.api;

import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Optional;

/**
 * Whether this member can serve (contract F.2): it can if no alarm is raised, and a read of the key {@code health} is
 * answered, linearizable or only local. The node bounds a barrier by the request timeout, and so the check.
 *
 * <p>Safe for all threads.
 */
public final class HealthCheck {
    private static final RangeQuery PROBE = RangeQuery.ofKey("health".getBytes(StandardCharsets.UTF_8));

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
            verdict.on(rangeError(refused.error()));
            return;
        }
        if (alarm.isPresent()) {
            verdict.on("ALARM " + alarm.get().kind());
        } else if (isLocal) {
            probe(verdict);
        } else if (node.view().leader() == null) {
            verdict.on("RAFT NO LEADER");
        } else {
            node.readBarrier(failure -> {
                if (failure == null) {
                    probe(verdict);
                } else {
                    verdict.on(rangeError(EtcdError.of(failure)));
                }
            });
        }
    }

    private void probe(Verdict verdict) {
        if (!reads.offerPoint(() -> verdict.on(read()))) {
            verdict.on(rangeError(EtcdError.TOO_MANY_REQUESTS));
        }
    }

    private String read() {
        try {
            RangeAnswer answer = store.read(s -> s.range(PROBE));
            return answer instanceof RangeAnswer.Refused refused ? rangeError(EtcdError.of(refused.why())) : "";
        } catch (RequestRefused refused) {
            return rangeError(refused.error());
        }
    }

    private static String rangeError(EtcdError error) {
        return "RANGE ERROR:" + error.text();
    }
}
