package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.ClusterEvent;
import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.measure.Members;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What the events of a run say of each member between one moment and another. */
final class Leaderships {
    /** From one moment to another. */
    record Span(int member, long fromNanos, long toNanos, String words) {}

    private Leaderships() {}

    private static List<ClusterEvent> ordered(RunRecord run) {
        return run.events().stream()
                .sorted(Comparator.comparingLong(ClusterEvent::atNanos))
                .toList();
    }

    /** Who led: from the report that a member leads to the next such report of any member, or its own exit. */
    static List<Span> leaders(RunRecord run, long untilNanos) {
        List<Span> spans = new ArrayList<>();
        ClusterEvent leader = null;
        for (ClusterEvent event : ordered(run)) {
            boolean isNew = event.kind().equals("leader");
            boolean isEnd = leader != null
                    && event.member() == leader.member()
                    && (event.kind().equals("exit") || event.kind().equals("step-down"));
            if (leader != null && (isNew || isEnd)) {
                spans.add(new Span(leader.member(), leader.atNanos(), event.atNanos(), leader.detail()));
                leader = null;
            }
            if (isNew) {
                leader = event;
            }
        }
        if (leader != null) {
            spans.add(new Span(leader.member(), leader.atNanos(), untilNanos, leader.detail()));
        }
        return spans;
    }

    /** When processes were down: from an exit to the next start. */
    static List<Span> downs(RunRecord run, long untilNanos) {
        List<Span> spans = new ArrayList<>();
        for (int member = 0; member < run.nodes(); member++) {
            ClusterEvent exit = null;
            for (ClusterEvent event : ordered(run)) {
                if (event.member() == member && event.kind().equals("exit") && exit == null) {
                    exit = event;
                } else if (event.member() == member && event.kind().equals("start") && exit != null) {
                    spans.add(new Span(member, exit.atNanos(), event.atNanos(), exit.detail()));
                    exit = null;
                }
            }
            if (exit != null) {
                spans.add(new Span(member, exit.atNanos(), untilNanos, exit.detail()));
            }
        }
        return spans;
    }

    /** How long members took to catch up: from their start, or the healing of a fault that names them, to the report that they have. */
    static List<Span> recoveries(RunRecord run) {
        List<Span> spans = new ArrayList<>();
        for (int member = 0; member < run.nodes(); member++) {
            long before = Long.MIN_VALUE;
            for (ClusterEvent event : ordered(run)) {
                if (event.member() == member && event.kind().equals("caught-up")) {
                    long from = begin(run, member, before, event.atNanos());
                    if (from >= 0) {
                        spans.add(new Span(member, from, event.atNanos(), event.detail()));
                    }
                    before = event.atNanos();
                }
            }
        }
        return spans;
    }

    private static long begin(RunRecord run, int member, long afterNanos, long untilNanos) {
        long from = -1;
        for (ClusterEvent event : run.events()) {
            if (event.member() == member
                    && event.kind().equals("start")
                    && event.atNanos() > afterNanos
                    && event.atNanos() <= untilNanos) {
                from = Math.max(from, event.atNanos());
            }
        }
        for (FaultWindow fault : run.faults()) {
            if (fault.healedNanos() > Math.max(0, afterNanos)
                    && fault.healedNanos() <= untilNanos
                    && Members.of(fault.target(), run.nodes()).contains(member)) {
                from = Math.max(from, fault.healedNanos());
            }
        }
        return from;
    }
}
