package io.axolotl.jepsen.order;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The cheap check of strict serializability, for all keys at once: revisions are the order of the store, so they must agree
 * with real time. Whatever ended before an operation began has a smaller revision than it writes, and no greater one than it
 * reads; no two writes share a revision (I5, I6).
 *
 * <p>Linear after sorting, so it is run on histories of any length. Believes the revisions that clients were told. Stateless.
 */
public final class RevisionOrder {
    private RevisionOrder() {}

    /**
     * An operation that was answered.
     *
     * @param revision that it has made, if it is a write; that it has seen, if it is a read
     * @param isWrite whether it changed something
     * @param what it was, for people
     */
    public record Answered(long invokedAt, long returnedAt, long revision, boolean isWrite, Object what) {}

    /** What is wrong, or nothing. */
    public static Optional<String> check(List<Answered> answered) {
        Map<Long, Answered> writers = new HashMap<>();
        for (Answered operation : answered) {
            if (operation.isWrite()) {
                Answered other = writers.put(operation.revision(), operation);
                if (other != null) {
                    return Optional.of("two writes of one revision: " + other.what() + " and " + operation.what());
                }
            }
        }
        List<Answered> byInvocation = new ArrayList<>(answered);
        byInvocation.sort(Comparator.comparingLong(Answered::invokedAt));
        List<Answered> byReturn = new ArrayList<>(answered);
        byReturn.sort(Comparator.comparingLong(Answered::returnedAt));
        Answered newest = null;
        int ended = 0;
        for (Answered operation : byInvocation) {
            while (byReturn.get(ended).returnedAt() < operation.invokedAt()) {
                Answered candidate = byReturn.get(ended++);
                if (newest == null || candidate.revision() > newest.revision()) {
                    newest = candidate;
                }
            }
            if (newest == null) {
                continue;
            }
            long least = operation.isWrite() ? newest.revision() + 1 : newest.revision();
            if (operation.revision() < least) {
                return Optional.of(
                        operation.what() + " began after the end of " + newest.what() + " but is ordered before it");
            }
        }
        return Optional.empty();
    }
}
