package io.axolotl.jepsen.workload;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/**
 * When which member answered what, and how long nobody did. All times are of {@link System#nanoTime}. Safe for all threads.
 *
 * <p>Only successes are kept: an outage is the time between two of them, and needs no opinion on why a call failed.
 */
public final class Timeline {
    /** Far more than a minute of the load that this package makes. */
    private static final int KEPT_ANSWERS = 500_000;

    private final Deque<Answer> answers = new ArrayDeque<>();

    /** What was asked for. */
    public enum Kind {
        /** A write that was due at its time whatever became of the others. */
        WRITE,
        /** A write of somebody who waits for each before the next. */
        STEADY_WRITE,
        /** A linearizable read. */
        READ
    }

    /**
     * A call that succeeded.
     *
     * @param member through whose client port
     */
    private record Answer(String member, Kind kind, long nanos) {}

    /** Takes note of a success, in the order in which they came. */
    void add(String member, Kind kind, long nanos) {
        synchronized (answers) {
            answers.addLast(new Answer(member, kind, nanos));
            if (answers.size() > KEPT_ANSWERS) {
                answers.removeFirst();
            }
        }
    }

    /** Forgets what is older. */
    public void forgetBefore(long nanos) {
        synchronized (answers) {
            while (!answers.isEmpty() && answers.getFirst().nanos < nanos) {
                answers.removeFirst();
            }
        }
    }

    /** What is known now. */
    public View view() {
        synchronized (answers) {
            return new View(new ArrayList<>(answers));
        }
    }

    /** A timeline as it was at one moment. Immutable. */
    public static final class View {
        private final List<Answer> answers;

        private View(List<Answer> answers) {
            this.answers = answers;
        }

        private long[] moments(Collection<String> members, Collection<Kind> kinds) {
            return answers.stream()
                    .filter(answer -> members.contains(answer.member) && kinds.contains(answer.kind))
                    .mapToLong(Answer::nanos)
                    .sorted()
                    .toArray();
        }

        /** The longest time without an acknowledged write through any of these members: see {@link #longestGap}. */
        public long longestWriteGap(Collection<String> members, long fromNanos, long toNanos) {
            return longestGap(moments(members, List.of(Kind.WRITE, Kind.STEADY_WRITE)), fromNanos, toNanos);
        }

        /** As {@link #longestWriteGap}, for linearizable reads. */
        public long longestReadGap(Collection<String> members, long fromNanos, long toNanos) {
            return longestGap(moments(members, List.of(Kind.READ)), fromNanos, toNanos);
        }

        /** The first acknowledged write through any of these members at or after a moment, or {@link Long#MAX_VALUE}. */
        public long firstWrite(Collection<String> members, long fromNanos) {
            return Arrays.stream(moments(members, List.of(Kind.WRITE, Kind.STEADY_WRITE)))
                    .filter(nanos -> nanos >= fromNanos)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        }

        /** How many writes through these members were acknowledged. */
        long writes(Collection<String> members) {
            return moments(members, List.of(Kind.WRITE, Kind.STEADY_WRITE)).length;
        }

        /** How many writes of those who wait for each before the next were acknowledged in [from, to). */
        public long steadyWrites(Collection<String> members, long fromNanos, long toNanos) {
            return Arrays.stream(moments(members, List.of(Kind.STEADY_WRITE)))
                    .filter(nanos -> nanos >= fromNanos && nanos < toNanos)
                    .count();
        }

        /**
         * Since when the steady writers have had at least half of a rate for two seconds.
         *
         * @param perSecond the whole rate
         * @return the start of these two seconds, or {@link Long#MAX_VALUE} if there were none that ended before {@code toNanos}
         */
        public long halfRateSince(Collection<String> members, double perSecond, long fromNanos, long toNanos) {
            long second = 1_000_000_000L;
            long[] moments = moments(members, List.of(Kind.STEADY_WRITE));
            for (long start = fromNanos; start + 2 * second <= toNanos; start += second / 20) {
                if (count(moments, start, start + second) >= perSecond / 2
                        && count(moments, start + second, start + 2 * second) >= perSecond / 2) {
                    return start;
                }
            }
            return Long.MAX_VALUE;
        }

        private static int count(long[] sorted, long from, long to) {
            return place(sorted, to) - place(sorted, from);
        }

        /** Where the first one at or after this would be. */
        private static int place(long[] sorted, long nanos) {
            int found = Arrays.binarySearch(sorted, nanos);
            return found < 0 ? -found - 1 : found;
        }
    }

    /**
     * The longest time between two moments of which the later is in (from, to]; the one before may be older than {@code from}.
     * The time from the last moment to {@code to} counts as well, and so does that from {@code from} if there is none before it.
     */
    static long longestGap(long[] sorted, long fromNanos, long toNanos) {
        int next = 0;
        while (next < sorted.length && sorted[next] <= fromNanos) {
            next++;
        }
        long last = next == 0 ? fromNanos : sorted[next - 1];
        long longest = 0;
        for (; next < sorted.length && sorted[next] <= toNanos; next++) {
            longest = Math.max(longest, sorted[next] - last);
            last = sorted[next];
        }
        return Math.max(longest, toNanos - last);
    }
}
