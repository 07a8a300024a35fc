package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The cheap check of the same promise, for all keys at once: revisions are the order of the store, so they must agree
 * with real time. Whatever ended before an operation began has a smaller revision than it writes, and no greater one
 * than it reads; no two writes share a revision (I5, I6).
 *
 * <p>Linear after sorting, so it is run on histories of any length. Believes the revisions that clients were told.
 * Stateless.
 */
final class RevisionChecker {
    private RevisionChecker() {}

    /** @return what is wrong, or nothing */
    static Optional<String> check(List<Operation> history) {
        List<Operation> done = history.stream().filter(Operation::isDone).toList();
        Map<Long, Operation> writers = new TreeMap<>();
        for (Operation operation : done) {
            if (operation.isEffectiveWrite()) {
                Operation other = writers.put(operation.revision(), operation);
                if (other != null) {
                    return Optional.of("two writes of one revision: " + other + " and " + operation);
                }
            }
        }
        List<Operation> byInvocation = new ArrayList<>(done);
        byInvocation.sort(Comparator.comparingLong(Operation::invokedAt));
        List<Operation> byResponse = new ArrayList<>(done);
        byResponse.sort(Comparator.comparingLong(Operation::respondedAt));
        Operation newest = null;
        int ended = 0;
        for (Operation operation : byInvocation) {
            while (byResponse.get(ended).respondedAt() < operation.invokedAt()) {
                Operation candidate = byResponse.get(ended++);
                if (newest == null || candidate.revision() > newest.revision()) {
                    newest = candidate;
                }
            }
            if (newest == null) {
                continue;
            }
            long least = operation.isEffectiveWrite() ? newest.revision() + 1 : newest.revision();
            if (operation.revision() < least) {
                return Optional.of(operation + " began after the end of " + newest + " but is ordered before it");
            }
        }
        return Optional.empty();
    }
}
