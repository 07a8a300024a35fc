package io.axolotl.jepsen.clients;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the comparisons ask of a client library, through which they call it. Safe for all threads. */
interface ClientFace extends AutoCloseable {
    /** A client with the settings that it has by itself. */
    static ClientFace open(Library library, List<String> endpoints) {
        return switch (library) {
            case AXOLOTL -> new AxolotlFace(endpoints, true);
            case AXOLOTL_SENT_ONCE -> new AxolotlFace(endpoints, false);
            case JETCD -> new JetcdFace(endpoints);
        };
    }

    CompletableFuture<?> put(String key, String value);

    CompletableFuture<?> get(String key);

    /** Puts the key if its version is not 0, and reads it else. */
    CompletableFuture<?> txn(String key, String value);

    /** Watches all keys with a prefix until this is closed, and calls back for every event. */
    void watch(String prefix, Runnable onEvent);

    @Override
    void close();
}
