package io.axolotl.jepsen.clients;

import io.axolotl.client.Bytes;
import io.axolotl.client.WatchEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether what a watch tells, from before the first put on, is what has happened: every put of every key once, in the order of
 * revisions. Keys are never deleted, so the version of each put says how many came before it. Safe for all threads.
 */
final class EventJudge {
    private final Map<Bytes, Long> versions = new HashMap<>();

    /** Told of at {@link #revision}. */
    private final Set<Bytes> keysOfRevision = new HashSet<>();

    private long revision;
    private long events;
    private long newestToken;
    private @Nullable String violation;

    synchronized void told(WatchEvent event) {
        events++;
        Bytes key = event.kv().key();
        if (event.kv().modRevision() > revision) {
            revision = event.kv().modRevision();
            keysOfRevision.clear();
        }
        if (event.kv().modRevision() < revision || !keysOfRevision.add(key)) {
            broken("revision " + event.kv().modRevision() + " of " + key.utf8() + " came after revision " + revision);
        }
        long last = versions.getOrDefault(key, 0L);
        if (event.isDelete() || event.kv().version() != last + 1) {
            broken("after version " + last + " of " + key.utf8() + " came version "
                    + event.kv().version());
        }
        versions.put(key, event.kv().version());
    }

    /** A write that a lock guarded has taken effect, with this token: never one of an earlier holder after a later one's. */
    synchronized void fenced(long token) {
        if (token < newestToken) {
            broken("a write with the fencing token " + token + " took effect after one with " + newestToken);
        }
        newestToken = Math.max(newestToken, token);
    }

    private void broken(String what) {
        if (violation == null) {
            violation = what;
        }
    }

    synchronized long events() {
        return events;
    }

    /** Of the newest event. */
    synchronized long revision() {
        return revision;
    }

    /** Of the newest put of this key that was told; 0 for none. */
    synchronized long version(Bytes key) {
        return versions.getOrDefault(key, 0L);
    }

    /** The first thing that was not as it has to be. */
    synchronized Optional<String> violation() {
        return Optional.ofNullable(violation);
    }
}
