package io.axolotl.jepsen.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Feeds targets in turn and judges what they do.
 *
 * <p>Confined to one thread, but for {@link #running}.
 */
final class Fuzzer {
    /** A target is fed so many inputs in its turn. */
    private static final int TURN = 200;

    /** Processor time, which a busy machine does not stretch. */
    private static final long MAX_CPU_NANOS = 3_000_000_000L;

    /** Of one target, each with a cause of its own; more would not be read. */
    private static final int MAX_FINDINGS = 10;

    private static final int STACK_FRAMES = 12;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final long seed;
    private final Consumer<Finding> onFinding;
    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private final Set<String> seen = new HashSet<>();

    /** Targets that have been fed before. */
    private final Set<String> warm = new HashSet<>();

    private volatile @Nullable Running running;

    /** What is being fed since when, as {@code System.nanoTime}. */
    record Running(FuzzTarget target, long number, byte[] input, Thread thread, long sinceNanos) {}

    /** What became of a target's inputs. */
    static final class Tally {
        long accepted;
        long refused;
        int findings;

        long executions() {
            return accepted + refused + findings;
        }
    }

    /** @param onFinding told of each at once, one per cause */
    Fuzzer(long seed, Consumer<Finding> onFinding) {
        this.seed = seed;
        this.onFinding = onFinding;
    }

    /** The input that is being fed, for whoever looks whether it comes back. Safe for all threads. */
    @Nullable Running running() {
        return running;
    }

    long seed() {
        return seed;
    }

    Map<String, Tally> tallies() {
        return tallies;
    }

    /** Feeds all targets in turns until each has had so many inputs, or there is no more time. */
    void run(List<? extends FuzzTarget> targets, long inputsEach, BooleanSupplier hasTime) {
        targets.forEach(target -> tallies.put(target.name(), new Tally()));
        for (long from = 0; from < inputsEach && hasTime.getAsBoolean(); from += TURN) {
            for (FuzzTarget target : targets) {
                for (long i = from; i < Math.min(from + TURN, inputsEach) && hasTime.getAsBoolean(); i++) {
                    feed(target, i);
                }
                String ailment = target.ailment();
                if (ailment != null) {
                    found(target, from, ailment, ailment, new byte[0]);
                }
            }
        }
    }

    /** Feeds one input, the same whenever it is asked for with the same seed. */
    void feed(FuzzTarget target, long number) {
        Tally tally = tallies.computeIfAbsent(target.name(), name -> new Tally());
        if (warm.add(target.name())) {
            // Unjudged: classes are loaded the first time, which is no input's doing.
            Throwable unused = outcomeOf(target, target.valid(new SplittableRandom(seed)));
        }
        SplittableRandom random =
                new SplittableRandom((seed ^ (target.name().hashCode() * 0x9e3779b97f4a7c15L)) ^ number);
        boolean isValid = number % 16 == 0;
        byte[] input = isValid ? target.valid(random) : bent(target, random);
        running = new Running(target, number, input, Thread.currentThread(), System.nanoTime());
        long allocatedBefore = threads.getCurrentThreadAllocatedBytes();
        long cpuBefore = threads.getCurrentThreadCpuTime();
        Throwable raised = outcomeOf(target, input);
        long cpuNanos = threads.getCurrentThreadCpuTime() - cpuBefore;
        long allocatedBytes = threads.getCurrentThreadAllocatedBytes() - allocatedBefore;
        running = null;
        boolean isTaken = raised == null || (isValid ? target.isAnswerToValid(raised) : target.isRefusal(raised));
        if (raised != null && !isTaken) {
            String what = (isValid ? "refused a valid input: " : "raised ") + describe(raised);
            found(target, number, what, where(raised), input);
        } else if (allocatedBytes > target.maxAllocatedBytes(input.length)) {
            String what = "allocated " + allocatedBytes + " bytes for an input of " + input.length;
            found(target, number, what, "allocation" + (raised == null ? "" : where(raised)), input);
        } else if (cpuNanos > MAX_CPU_NANOS) {
            found(target, number, "took " + cpuNanos / 1_000_000 + " ms", "time", input);
        } else if (raised == null) {
            tally.accepted++;
        } else {
            tally.refused++;
        }
    }

    private static @Nullable Throwable outcomeOf(FuzzTarget target, byte[] input) {
        try {
            target.feed(input);
            return null;
        } catch (Throwable e) { // an Error is what this is here to see
            return e;
        }
    }

    private static byte[] bent(FuzzTarget target, SplittableRandom random) {
        if (random.nextInt(10) == 0) {
            return Mutator.noise(random);
        }
        byte[] bent = Mutator.mutate(target.valid(random), target.valid(random), target.tokens(), random);
        return random.nextInt(3) == 0 ? bent : target.sealed(bent);
    }

    private void found(FuzzTarget target, long number, String what, String where, byte[] input) {
        Tally tally = tallies.computeIfAbsent(target.name(), name -> new Tally());
        if (tally.findings++ < MAX_FINDINGS && seen.add(target.name() + ' ' + where)) {
            onFinding.accept(new Finding(target.name(), seed, number, what, where, input));
        }
    }

    private static String describe(Throwable raised) {
        StringBuilder text = new StringBuilder(String.valueOf(raised));
        List<StackTraceElement> frames = List.of(raised.getStackTrace());
        frames.stream()
                .limit(STACK_FRAMES)
                .forEach(frame ->
                        text.append(System.lineSeparator()).append("      at ").append(frame));
        return text.toString();
    }

    /** Kind and the first place that is ours: equal for equal causes. */
    private static String where(Throwable raised) {
        List<String> ours = new ArrayList<>();
        for (StackTraceElement frame : raised.getStackTrace()) {
            boolean isOurs = frame.getClassName().startsWith("io.axolotl.")
                    && !frame.getClassName().startsWith("io.axolotl.jepsen.");
            if (isOurs) {
                ours.add(frame.getClassName() + ':' + frame.getLineNumber());
                break;
            }
        }
        return raised.getClass().getName() + ours;
    }

    /** A line per target, and their sum. */
    String summary() {
        StringBuilder text = new StringBuilder();
        line(text, "%-20s %12s %12s %12s %9s", "target", "executions", "accepted", "refused", "findings");
        Tally all = new Tally();
        tallies.forEach((name, tally) -> {
            line(
                    text,
                    "%-20s %12d %12d %12d %9d",
                    name,
                    tally.executions(),
                    tally.accepted,
                    tally.refused,
                    tally.findings);
            all.accepted += tally.accepted;
            all.refused += tally.refused;
            all.findings += tally.findings;
        });
        line(text, "%-20s %12d %12d %12d %9d", "all", all.executions(), all.accepted, all.refused, all.findings);
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
