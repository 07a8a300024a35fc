package io.axolotl.raft;

import io.axolotl.raft.membership.NodeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads that wait for the leader to prove that it still leads (thesis §6.4).
 *
 * <p>A read takes the commit index of its arrival and waits for a round: a number that every message to a follower
 * carries and every answer echoes. Only a round that had not been sent when the read arrived counts for it, so no answer
 * to something earlier can confirm it (pitfall 28); all reads that arrive between two sends share one. Before the leader
 * has committed an entry of its own term it does not know the commit index, and reads wait for that first (pitfall 27).
 *
 * <p>Rounds rise within one leadership; answers of another term never reach this queue. Confined to the driver thread.
 */
final class ReadIndexQueue {
    /** Members ask in rounds, a few at a time; more than this means that somebody asks without end (pitfall 62). */
    static final int MAX_EARLY = 4_096;

    /** @param asker the follower that forwarded the read, or null if it was asked here */
    record Read(@Nullable NodeId asker, long readId) {}

    private record Waiting(Read read, long index, long round) {}

    /** A read that may be served once everything through {@code index} is applied. */
    record Confirmed(Read read, long index) {}

    private final List<Read> early = new ArrayList<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long round;
    private boolean isRoundSent = true;

    /** The newest round; every message carries it. */
    long round() {
        return round;
    }

    /** Whether the newest round was opened after the last message went out. */
    boolean hasUnsentRound() {
        return !isRoundSent;
    }

    /** Everybody has been sent the newest round. */
    void roundSent() {
        isRoundSent = true;
    }

    /** Keeps a read until {@link #open}. @return false if too many wait already */
    boolean addEarly(Read read) {
        return early.size() < MAX_EARLY && early.add(read);
    }

    /** How many reads wait for the first commit of the term. */
    int earlyCount() {
        return early.size();
    }

    /** A read has arrived. */
    void add(Read read, long commitIndex) {
        openRound();
        waiting.addLast(new Waiting(read, commitIndex, round));
    }

    /** What is sent from now on carries a round that nothing before has carried. */
    void openRound() {
        if (isRoundSent) {
            round++;
            isRoundSent = false;
        }
    }

    /** The first entry of the term is committed: early reads count as arriving now. */
    void open(long commitIndex) {
        for (Read read : early) {
            add(read, commitIndex);
        }
        early.clear();
    }

    /** Removes and returns the reads that a quorum's answers to {@code agreedRound} confirm, in order of arrival. */
    List<Confirmed> confirm(long agreedRound) {
        Waiting first = waiting.peekFirst();
        if (first == null || first.round() > agreedRound) {
            return List.of();
        }
        List<Confirmed> confirmed = new ArrayList<>();
        while (first != null && first.round() <= agreedRound) {
            waiting.removeFirst();
            confirmed.add(new Confirmed(first.read(), first.index()));
            first = waiting.peekFirst();
        }
        return confirmed;
    }

    /** Removes and returns all reads: leadership is over. */
    List<Read> drain() {
        List<Read> all = new ArrayList<>(early);
        for (Waiting each : waiting) {
            all.add(each.read());
        }
        early.clear();
        waiting.clear();
        return all;
    }
}
