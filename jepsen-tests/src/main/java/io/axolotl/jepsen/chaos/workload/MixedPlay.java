package io.axolotl.jepsen.chaos.workload;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import java.util.SplittableRandom;

/**
 * What Kubernetes does with its store: objects that are created if they are not there, updated and deleted if they are as they were
 * last seen, read one by one and listed by namespace, from a cache of one member too; heartbeats of nodes; watches of everything;
 * compactions.
 */
final class MixedPlay implements Crowd.Play {
    private static final int NAMESPACES = 8;
    private static final int NAMES = 12;
    private static final int NODES = 10;

    private final Keys keys = new Keys("mixed");
    private final Listeners listeners = new Listeners(keys, keys.prefix() + "pods/", keys.prefix() + "pods/0/0");

    @Override
    public void begin(Crowd crowd) {
        listeners.begin(crowd);
    }

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        String namespace = keys.key("pods/", chance.nextInt(NAMESPACES)) + "/";
        String pod = namespace + chance.nextInt(NAMES);
        int drawn = chance.nextInt(200);
        if (drawn < 40) {
            KeyTurns.read(lane, keys, pod, false);
        } else if (drawn < 50) {
            KeyTurns.read(lane, keys, pod, true);
        } else if (drawn < 70) {
            var unused = lane.ask("list", Ask.of(Action.list(namespace)));
        } else if (drawn < 80) {
            var unused = lane.ask("list", Ask.of(Action.list(namespace)).serializable(true));
        } else if (drawn < 110) {
            keys.seen(pod, 0);
            KeyTurns.compareAndSet(lane, keys, pod);
        } else if (drawn < 150) {
            KeyTurns.compareAndSet(lane, keys, pod);
        } else if (drawn < 170) {
            delete(lane, pod);
        } else if (drawn < 196) {
            KeyTurns.put(lane, keys, keys.key("nodes/", chance.nextInt(NODES)));
        } else if (drawn < 199) {
            listeners.disturb(chance);
        } else {
            KeyTurns.compact(lane, chance);
        }
    }

    private void delete(Lane lane, String pod) {
        long seen = keys.guess(pod);
        if (seen == 0) {
            KeyTurns.read(lane, keys, pod, false);
            return;
        }
        Ask ask = Ask.of(Action.delete(pod)).when(new Guard(pod, seen)).otherwise(Action.read(pod));
        lane.ask("delete-if", ask)
                .ifPresent(answer -> keys.seen(
                        pod,
                        answer.succeeded()
                                ? 0
                                : answer.results().get(0).rows().stream()
                                        .mapToLong(row -> row.mod())
                                        .findFirst()
                                        .orElse(0)));
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        listeners.finish(lane, crowd);
        KeyTurns.listAtTheEnd(lane, crowd, keys.prefix());
    }

    @Override
    public void close() {
        listeners.close();
    }
}
