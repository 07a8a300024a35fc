package io.axolotl.server.api;

import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the live store, though it may be replaced by a snapshot at any moment: a reading that meets a closed store, or one
 * that was replaced meanwhile, is done again on its successor, which is never older. If a store is replaced because it had
 * diverged, its successor may be trusted before a reading of it has come to its end (fault B9).
 *
 * <p>Safe for all threads.
 */
final class StoreReader {
    private static final Logger log = LoggerFactory.getLogger(StoreReader.class);

    private final Supplier<KvStateMachine> live;
    private final @Nullable BooleanSupplier isTrusted;

    /** Reads what is told about the store itself, whether or not its content is in doubt. */
    StoreReader(Supplier<KvStateMachine> live) {
        this.live = live;
        this.isTrusted = null;
    }

    /**
     * @param live the live store, asked for each time
     * @param isTrusted whether the live store may be served; after a doubt only once the store in doubt is live no more, or was right
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
                requireTrust();
                T read = reading.apply(store);
                requireTrust();
                // Looked at after the trust, which is given back only when the successor is live.
                KvStateMachine successor = isTrusted == null ? store : live.get();
                if (successor == store) {
                    return read;
                }
                store = successor;
            } catch (AnswerBudget.Exceeded exceeded) {
                throw new RequestRefused(exceeded.error());
            } catch (ClosedException closed) {
                KvStateMachine successor = live.get();
                if (successor == store) {
                    log.info("a read came when this server had let go of its store: {}", closed.getMessage());
                    throw new RequestRefused(EtcdError.STOPPED);
                }
                store = successor;
            }
        }
    }

    private void requireTrust() throws RequestRefused {
        if (isTrusted != null && !isTrusted.getAsBoolean()) {
            throw new RequestRefused(EtcdError.QUARANTINED);
        }
    }
}
