package io.axolotl.jepsen.chaos.workload;

import io.axolotl.client.AxolotlException;
import io.axolotl.client.Pending;
import io.axolotl.client.RefusedException;
import io.axolotl.jepsen.chaos.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A call that is not written down by itself. Immutable.
 *
 * @param answer null unless it is done
 */
record Attempt<T>(@Nullable T answer, Outcome outcome, String error) {
    static <T> Attempt<T> of(Pending<T> pending) {
        try {
            return new Attempt<>(pending.await(), Outcome.DONE, "");
        } catch (AxolotlException e) {
            return new Attempt<>(
                    null,
                    e instanceof RefusedException ? Outcome.REFUSED : Outcome.UNKNOWN,
                    e.code() + ": " + e.getMessage());
        }
    }
}
