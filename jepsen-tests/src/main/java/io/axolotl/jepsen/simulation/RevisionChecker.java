package io.axolotl.jepsen.simulation;

import io.axolotl.jepsen.order.RevisionOrder;
import java.util.List;
import java.util.Optional;

/** {@link RevisionOrder} of a simulated history. Stateless. */
final class RevisionChecker {
    private RevisionChecker() {}

    /** @return what is wrong, or nothing */
    static Optional<String> check(List<Operation> history) {
        return RevisionOrder.check(history.stream()
                .filter(Operation::isDone)
                .map(operation -> new RevisionOrder.Answered(
                        operation.invokedAt(),
                        operation.respondedAt(),
                        operation.revision(),
                        operation.isEffectiveWrite(),
                        operation))
                .toList());
    }
}
