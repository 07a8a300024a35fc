package io.axolotl.server.api;

import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the live store, though it may be replaced by a snapshot at any moment: a reading that meets a closed store is
 * done again on its successor, which is never older.
 *
 * <p>Safe for all threads.
 */
final class StoreReader {
    private static final Logger log = LoggerFactory.getLogger(StoreReader.class);

    private final Supplier<KvStateMachine> live;
    private final BooleanSupplier isTrusted;

    /** Reads what is told about the store itself, whether or not its content is in doubt. */
    StoreReader(Supplier<KvStateMachine> live) {
        this(live, () -> true);
    }

    /**
     * @param live the live store, asked for each time
     * @param isTrusted whether it may be served, asked after each reading
     */
    StoreReader(Supplier<KvStateMachine> live, BooleanSupplier isTrusted) {
        this.live = live;
        this.isTrusted = isTrusted;
    }

    /**
     * @param reading may be called several times
     * @throws RequestRefused if its content is in doubt; if the store is closed and has no successor: the server stops; or if the answer would be
     *     larger than its budget
     */
    <T> T read(Function<KvStateMachine, T> reading) throws RequestRefused {
        KvStateMachine store = live.get();
        while (true) {
            try {
                T read = reading.apply(store);
                if (!isTrusted.getAsBoolean()) {
                    throw new RequestRefused(EtcdError.QUARANTINED);
                }
                return read;
            } catch (AnswerBudget.Exceeded exceeded) {
                throw new RequestRefused(exceeded.error());
            } catch (IllegalStateException closed) {
                KvStateMachine successor = live.get();
                if (successor == store) {
                    log.warn("a read found no store to read: {}", closed.toString());
                    throw new RequestRefused(EtcdError.STOPPED);
                }
                store = successor;
            }
        }
    }
}
