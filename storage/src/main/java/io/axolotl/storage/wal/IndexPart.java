package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A stretch of the log as it is held in memory: where some of its records are, the terms of all, and the entries that
 * carry a membership.
 *
 * <p>A <i>point</i> says at which place the record of one index is. From a point on records follow each other in the
 * file with indices rising by one, up to the index of the next point: wherever that breaks (a new segment, records that
 * supersede earlier ones) there is a point. A <i>term run</i> says from which index on a term holds.
 *
 * <p>Confined to its owner.
 */
final class IndexPart {
    private long[] pointIndex = new long[16];
    private long[] pointSegment = new long[16];
    private long[] pointOffset = new long[16];
    private int points;

    private long[] runFirst = new long[16];
    private long[] runTerm = new long[16];
    private int runs;

    private final List<Entry> memberships = new ArrayList<>();

    void addPoint(long index, LogPosition position) {
        if (points == pointIndex.length) {
            pointIndex = Arrays.copyOf(pointIndex, 2 * points);
            pointSegment = Arrays.copyOf(pointSegment, 2 * points);
            pointOffset = Arrays.copyOf(pointOffset, 2 * points);
        }
        pointIndex[points] = index;
        pointSegment[points] = position.segment();
        pointOffset[points] = position.offset();
        points++;
    }

    void addTerm(long index, long term) {
        if (runs > 0 && runTerm[runs - 1] == term) {
            return;
        }
        if (runs == runFirst.length) {
            runFirst = Arrays.copyOf(runFirst, 2 * runs);
            runTerm = Arrays.copyOf(runTerm, 2 * runs);
        }
        runFirst[runs] = index;
        runTerm[runs] = term;
        runs++;
    }

    void addMembership(Entry entry) {
        memberships.add(entry);
    }

    /** Adds what follows this stretch. */
    void append(IndexPart later) {
        for (int i = 0; i < later.points; i++) {
            addPoint(later.pointIndex[i], later.point(i));
        }
        for (int i = 0; i < later.runs; i++) {
            addTerm(later.runFirst[i], later.runTerm[i]);
        }
        memberships.addAll(later.memberships);
    }

    /** Forgets indices {@code [from, ...)}. */
    void cutSuffix(long from) {
        while (points > 0 && pointIndex[points - 1] >= from) {
            points--;
        }
        while (runs > 0 && runFirst[runs - 1] >= from) {
            runs--;
        }
        memberships.removeIf(entry -> entry.index() >= from);
    }

    /** Forgets indices up to {@code through}, and every place in a segment below {@code firstSegment}. */
    void cutPrefix(long through, long firstSegment) {
        int dead = 0;
        while (dead < points && pointSegment[dead] < firstSegment) {
            dead++;
        }
        pointIndex = Arrays.copyOfRange(pointIndex, dead, Math.max(points, dead + 16));
        pointSegment = Arrays.copyOfRange(pointSegment, dead, Math.max(points, dead + 16));
        pointOffset = Arrays.copyOfRange(pointOffset, dead, Math.max(points, dead + 16));
        points -= dead;
        int deadRuns = 0;
        while (deadRuns + 1 < runs && runFirst[deadRuns + 1] <= through + 1) {
            deadRuns++;
        }
        runFirst = Arrays.copyOfRange(runFirst, deadRuns, Math.max(runs, deadRuns + 16));
        runTerm = Arrays.copyOfRange(runTerm, deadRuns, Math.max(runs, deadRuns + 16));
        runs -= deadRuns;
        memberships.removeIf(entry -> entry.index() <= through);
    }

    void clear() {
        points = 0;
        runs = 0;
        memberships.clear();
    }

    /** The term at {@code index}, which lies in this stretch. */
    long term(long index) {
        int at = Arrays.binarySearch(runFirst, 0, runs, index);
        return runTerm[at >= 0 ? at : -at - 2];
    }

    /** The number of the last point at or before {@code index}, which lies in this stretch. */
    int pointFor(long index) {
        int at = Arrays.binarySearch(pointIndex, 0, points, index);
        return at >= 0 ? at : -at - 2;
    }

    int points() {
        return points;
    }

    LogPosition point(int number) {
        return new LogPosition(pointSegment[number], pointOffset[number]);
    }

    long indexOfPoint(int number) {
        return pointIndex[number];
    }

    /** The index of the next point, or the largest number if there is none. */
    long indexAfterPoint(int number) {
        return number + 1 < points ? pointIndex[number + 1] : Long.MAX_VALUE;
    }

    List<Entry> memberships() {
        return memberships;
    }

    /** Bytes held by the tables; memberships are few and not counted. */
    long tableBytes() {
        return (long) Long.BYTES * (3L * pointIndex.length + 2L * runFirst.length);
    }
}
