package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.nemesis.Fault.Injury;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Plays a schedule on a cluster, a thread for each stream, and writes down what was done when. Started once. Safe for all threads.
 */
public final class Nemesis {
    private static final int ATTEMPTS = 8;
    private static final long PAUSE_NANOS = 1_000_000_000L;
    private static final long LOOK_NANOS = 200_000_000L;

    private final Scene scene;
    private final Schedule schedule;
    private final long originNanos;
    private final Consumer<String> progress;
    private final List<FaultWindow> windows = new ArrayList<>();
    /** Windows of faults for which nobody was there. */
    private final Set<Integer> dropped = new HashSet<>();

    private final List<String> failures = new ArrayList<>();
    private final Teeth teeth = new Teeth();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;
    private volatile long startNanos;

    /**
     * @param originNanos start of the run by {@link System#nanoTime}, from which windows count
     * @param progress gets a line per fault
     */
    public Nemesis(Scene scene, Schedule schedule, long originNanos, Consumer<String> progress) {
        this.scene = scene;
        this.schedule = schedule;
        this.originNanos = originNanos;
        this.progress = progress;
    }

    /** Begins to play. */
    public void start() {
        startNanos = System.nanoTime();
        for (List<Schedule.Step> stream : schedule.streams()) {
            Thread thread = new Thread(() -> play(stream), "nemesis-" + (threads.size() + 1));
            thread.setDaemon(true);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    /** Waits until all has been played and undone. */
    public void join() {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
        }
    }

    /** Undoes what is there as soon as possible, and plays no more. */
    public void stop() {
        stopping = true;
        threads.forEach(LockSupport::unpark);
    }

    private void play(List<Schedule.Step> steps) {
        long lateNanos = 0;
        for (Schedule.Step step : steps) {
            // What took longer to undo than it was meant to moves the rest: faults that follow each other at once show
            // less.
            long due = startNanos + step.atMillis() * 1_000_000 + lateNanos;
            park(due);
            if (stopping) {
                return;
            }
            play(Faults.named(step.fault()), step);
            lateNanos += Math.max(0, System.nanoTime() - due - step.holdMillis() * 1_000_000);
            if (System.nanoTime() - startNanos > budgetNanos(steps)) {
                return;
            }
        }
    }

    /** A stream never takes much longer than it was meant to: then its last faults are left out. */
    private static long budgetNanos(List<Schedule.Step> steps) {
        Schedule.Step last = steps.get(steps.size() - 1);
        return (last.atMillis() + last.holdMillis()) * 1_000_000;
    }

    private void park(long untilNanos) {
        while (!stopping && System.nanoTime() < untilNanos) {
            LockSupport.parkNanos(untilNanos - System.nanoTime());
        }
    }

    private void play(Fault fault, Schedule.Step step) {
        // On record before it begins: whatever becomes of it, the cluster may be hurt from now on.
        int window = open(fault);
        Optional<Injury> injury;
        try {
            injury = inflict(fault, step);
        } catch (RuntimeException e) {
            fail(fault.id() + " could not be done: " + e.getMessage());
            return;
        }
        if (injury.isEmpty()) {
            progress.accept(fault.id() + ": nobody is there for it now");
            drop(window);
            return;
        }
        Injury done = injury.get();
        progress.accept(fault.id() + ": " + done.target() + ", " + done.detail());
        change(window, done.target(), done.detail(), done.sinceNanos() - originNanos, 0);
        long end = done.sinceNanos() + step.holdMillis() * 1_000_000;
        Effect.Seen seen = done.effect()
                .await(
                        () -> stopping || System.nanoTime() >= end,
                        nanos -> park(Math.min(end, System.nanoTime() + nanos)),
                        LOOK_NANOS);
        park(end);
        long healing = System.nanoTime() - originNanos;
        String detail =
                done.detail() + teeth.note(fault.id() + " of " + done.target() + " (" + done.detail() + ")", seen);
        try {
            done.heal().run();
            change(window, done.target(), detail, done.sinceNanos() - originNanos, healing);
        } catch (RuntimeException e) {
            fail(fault.id() + " of " + done.target() + " could not be undone: " + e.getMessage());
        }
    }

    /** Tries for a while: another stream may have those who would be there for it. */
    private Optional<Injury> inflict(Fault fault, Schedule.Step step) {
        for (int attempt = 1; attempt <= ATTEMPTS && !stopping; attempt++) {
            Optional<Injury> injury = fault.action().inflict(scene, new SplittableRandom(step.seed()));
            if (injury.isPresent()) {
                return injury;
            }
            park(System.nanoTime() + PAUSE_NANOS);
        }
        return Optional.empty();
    }

    private int open(Fault fault) {
        synchronized (windows) {
            windows.add(
                    new FaultWindow(fault.id(), fault.catalogue(), "all", "begun", System.nanoTime() - originNanos, 0));
            return windows.size() - 1;
        }
    }

    private void change(int window, String target, String detail, long injectedNanos, long healedNanos) {
        synchronized (windows) {
            FaultWindow before = windows.get(window);
            windows.set(
                    window,
                    new FaultWindow(before.id(), before.catalogue(), target, detail, injectedNanos, healedNanos));
        }
    }

    private void drop(int window) {
        synchronized (windows) {
            dropped.add(window);
        }
    }

    private void fail(String what) {
        progress.accept(what);
        synchronized (failures) {
            failures.add(what);
        }
    }

    /** What was done, in the order in which it began. */
    public List<FaultWindow> windows() {
        synchronized (windows) {
            List<FaultWindow> played = new ArrayList<>();
            for (int window = 0; window < windows.size(); window++) {
                if (!dropped.contains(window)) {
                    played.add(windows.get(window));
                }
            }
            return played;
        }
    }

    /** Which faults were felt. */
    public Teeth teeth() {
        return teeth;
    }

    /** What could not be done or undone, in words for people. */
    public List<String> failures() {
        synchronized (failures) {
            return List.copyOf(failures);
        }
    }
}
