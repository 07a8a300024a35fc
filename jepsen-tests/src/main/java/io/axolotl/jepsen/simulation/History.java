package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All calls of all clients, with one total order over invocations and responses. The order is that of the simulation's
 * events, finer than virtual time: two responses of one instant still have a first and a second.
 *
 * <p>Confined to the simulation's thread.
 */
final class History {
    private final List<Operation> operations = new ArrayList<>();
    private long events;

    /** Starts an operation; its id is its place in the history, from 1. */
    Operation invoke(int client, Operation.Kind kind, String key, @Nullable String secondKey, long expected) {
        Operation operation =
                new Operation(operations.size() + 1L, client, kind, key, secondKey, expected, nextEvent());
        operations.add(operation);
        return operation;
    }

    /** The place of the next response in the order of events. */
    long nextEvent() {
        return ++events;
    }

    List<Operation> operations() {
        return Collections.unmodifiableList(operations);
    }

    /** @param id as given by {@link #invoke} */
    Operation operation(long id) {
        return operations.get((int) id - 1);
    }

    boolean contains(long id) {
        return id >= 1 && id <= operations.size();
    }
}
