package io.axolotl.raft;

/**
 * The one source of chance in the core. Injected, so that a seed replays a run exactly.
 *
 * <p>Confined to the driver thread.
 */
@FunctionalInterface
public interface ElectionTimeouts {
    /** The next silence, in nanoseconds, after which to campaign: in {@code [minimumNanos, 2 * minimumNanos)}. */
    long nextNanos(long minimumNanos);
}
