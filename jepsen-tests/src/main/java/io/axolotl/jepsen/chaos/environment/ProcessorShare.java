package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.ServerProcess;
import java.util.Optional;

/**
 * Holds one living process to a share of one processor by a control group, until this is closed.
 *
 * <p>Confined to one thread.
 */
public final class ProcessorShare implements AutoCloseable {
    static final String HIERARCHY = "cpu";

    private static final long PERIOD_MICROS = 100_000;

    private final HeldProcess held;

    private ProcessorShare(HeldProcess held) {
        this.held = held;
    }

    /** What keeps us from this here, in words for people; nothing if it works. */
    public static Optional<String> obstacle() {
        return ControlGroup.obstacle(HIERARCHY, "processor time");
    }

    /** @param percent of one processor */
    public static ProcessorShare of(ServerProcess node, int percent) {
        return new ProcessorShare(HeldProcess.by(
                HIERARCHY,
                group -> {
                    group.set("cpu.cfs_period_us", PERIOD_MICROS);
                    group.set("cpu.cfs_quota_us", PERIOD_MICROS / 100 * percent);
                },
                node.pid()));
    }

    /** How often the kernel has held it back so far. */
    public long timesHeldBack() {
        return held.group().number("cpu.stat", "nr_throttled");
    }

    /** The process may have all there is again. */
    @Override
    public void close() {
        held.close();
    }
}
