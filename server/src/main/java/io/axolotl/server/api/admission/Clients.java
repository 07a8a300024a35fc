package io.axolotl.server.api.admission;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The clients, or hosts, that have calls in flight, and nobody else: who has none is forgotten, so there are never more than calls.
 *
 * <p>Safe for all threads.
 */
final class Clients {
    private final Map<Object, Client> byKey = new ConcurrentHashMap<>();

    /** One of them. Safe for all threads. */
    static final class Client {
        private final Object key;
        final AtomicLong heldBytes = new AtomicLong();
        private final AtomicLong writes = new AtomicLong();
        private final AtomicLong reads = new AtomicLong();

        /** Guarded by the entry of the map. */
        private int calls;

        private Client(Object key) {
            this.key = key;
        }

        /** How many calls of a paced kind it has in flight. */
        AtomicLong places(Kind kind) {
            return kind == Kind.WRITE ? writes : reads;
        }
    }

    /** A call begins; {@link #leave} once for each. */
    Client enter(Object key) {
        return byKey.compute(key, (k, known) -> {
            Client client = known == null ? new Client(k) : known;
            client.calls++;
            return client;
        });
    }

    void leave(Client client) {
        byKey.computeIfPresent(client.key, (key, known) -> --known.calls == 0 ? null : known);
    }

    int count() {
        return byKey.size();
    }
}
