package io.axolotl.jepsen.sizes;

import io.axolotl.client.proto.Event;
import java.util.Arrays;

/**
 * What one watcher of consecutive keys has seen, and whether it was each change of them once, in order. Keys are written and never
 * deleted, so an event's version numbers the changes of its key. Guarded by its {@link WatchCall}.
 */
final class Witness {
    private final WatchedKeys keys;
    private final int first;
    private final long[] versions;
    private long revision;
    private long received;
    private long missing;
    private long repeated;
    private long disordered;
    private long foreign;

    /**
     * What is wrong with what watchers saw. Immutable.
     *
     * @param received events
     * @param missing changes that never came
     * @param repeated events of a change that had come already, or had been overtaken by a later one of its key
     * @param disordered events older than the one before
     * @param foreign events of other keys, or that are no writes
     */
    record Verdict(long received, long missing, long repeated, long disordered, long foreign) {
        static final Verdict NOTHING = new Verdict(0, 0, 0, 0, 0);

        boolean isClean() {
            return missing == 0 && repeated == 0 && disordered == 0 && foreign == 0;
        }

        Verdict plus(Verdict other) {
            return new Verdict(
                    received + other.received,
                    missing + other.missing,
                    repeated + other.repeated,
                    disordered + other.disordered,
                    foreign + other.foreign);
        }

        @Override
        public String toString() {
            return received + " events received, " + missing + " missing, " + repeated + " repeated, " + disordered
                    + " out of order, " + foreign + " of others";
        }
    }

    /**
     * @param count how many keys it watches, from the one with number {@code first} on
     * @param before versions of all keys when the watcher was made
     */
    Witness(WatchedKeys keys, int first, int count, long[] before) {
        this.keys = keys;
        this.first = first;
        this.versions = Arrays.copyOfRange(before, first, first + count);
    }

    WatchedKeys keys() {
        return keys;
    }

    int first() {
        return first;
    }

    int count() {
        return versions.length;
    }

    void take(Event event) {
        received++;
        int key = keys.number(event.getKv().getKey()) - first;
        if (key < 0 || key >= versions.length || event.getType() != Event.EventType.PUT) {
            foreign++;
            return;
        }
        if (event.getKv().getModRevision() <= revision) {
            disordered++;
        }
        revision = Math.max(revision, event.getKv().getModRevision());
        long version = event.getKv().getVersion();
        if (version <= versions[key]) {
            repeated++;
            return;
        }
        missing += version - versions[key] - 1;
        versions[key] = version;
    }

    /** @param now versions of all keys in the store */
    Verdict verdict(long[] now) {
        return new Verdict(received, missing + outstanding(now), repeated, disordered, foreign);
    }

    /** How many events are still to come. */
    long outstanding(long[] now) {
        long outstanding = 0;
        for (int key = 0; key < versions.length; key++) {
            outstanding += Math.max(0, now[first + key] - versions[key]);
        }
        return outstanding;
    }
}
