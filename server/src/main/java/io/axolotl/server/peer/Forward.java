package io.axolotl.server.peer;

/**
 * Proposals that a member asks the leader of {@code term} to append, in that term or not at all. That restriction is what
 * makes the origin's knowledge grow: once an entry of a later term is applied, whatever of this has not been applied never
 * will be.
 *
 * <p>Immutable by convention: the arrays are shared and of equal length.
 *
 * @param numbers the origin's request numbers
 * @param payloads encoded commands
 */
public record Forward(long term, long[] numbers, byte[][] payloads) {
    /** What each proposal is charged besides its payload. */
    private static final int OVERHEAD_BYTES = 32;

    public Forward {
        if (numbers.length != payloads.length) {
            throw new IllegalArgumentException(
                    numbers.length + " request numbers for " + payloads.length + " payloads");
        }
    }

    /** What this is charged against bounds. */
    public long sizeBytes() {
        long bytes = 0;
        for (byte[] payload : payloads) {
            bytes += OVERHEAD_BYTES + payload.length;
        }
        return bytes;
    }
}
