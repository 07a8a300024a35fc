package io.axolotl.jepsen.chaos;

import java.util.List;

/**
 * A fault as it was injected.
 *
 * @param id e.g. "leader-kill"
 * @param catalogue ids of faults.md it stands for
 * @param healedNanos 0 if not yet healed
 */
public record FaultWindow(
        String id, List<String> catalogue, String target, String detail, long injectedNanos, long healedNanos) {}
