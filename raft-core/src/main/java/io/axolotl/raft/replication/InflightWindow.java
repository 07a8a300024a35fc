package io.axolotl.raft.replication;

/**
 * The requests to one follower that have not been answered, oldest first; bounded in number and in bytes (pitfall 62).
 * One request always fits, so that an entry larger than the bound still goes.
 *
 * <p>Confined to the driver thread.
 */
public final class InflightWindow {
    private final int maxMessages;
    private final long maxBytes;
    private long[] lastIndexes;
    private long[] sizesBytes;
    private long[] sentAtNanos;
    private int head;
    private int count;
    private long bytes;

    public InflightWindow(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        int capacity = Math.min(maxMessages, 8);
        lastIndexes = new long[capacity];
        sizesBytes = new long[capacity];
        sentAtNanos = new long[capacity];
    }

    public int count() {
        return count;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** Whether no further request may be sent, however small. */
    public boolean isFull() {
        return count > 0 && (count >= maxMessages || bytes >= maxBytes);
    }

    /** Whether a further request of this size may be sent. */
    public boolean fits(long sizeBytes) {
        return count == 0 || (count < maxMessages && bytes + sizeBytes <= maxBytes);
    }

    /**
     * A request was sent.
     *
     * @param lastIndex of its last entry, larger than all in flight
     */
    public void add(long lastIndex, long sizeBytes, long nowNanos) {
        if (!fits(sizeBytes)) {
            throw new AssertionError("a request of " + sizeBytes + " bytes sent into a full window: " + count
                    + " messages, " + bytes + " bytes");
        }
        if (count == lastIndexes.length) {
            grow();
        }
        int slot = (head + count) % lastIndexes.length;
        lastIndexes[slot] = lastIndex;
        sizesBytes[slot] = sizeBytes;
        sentAtNanos[slot] = nowNanos;
        count++;
        bytes += sizeBytes;
    }

    /** The follower is known to hold all through {@code index}: forgets the requests that end there or before. */
    public void freeTo(long index) {
        while (count > 0 && lastIndexes[head] <= index) {
            bytes -= sizesBytes[head];
            head = (head + 1) % lastIndexes.length;
            count--;
        }
    }

    /** The last index of the oldest request. Only while not empty. */
    public long oldestLastIndex() {
        requireSome();
        return lastIndexes[head];
    }

    /** When the oldest request was sent. Only while not empty. */
    public long oldestSentNanos() {
        requireSome();
        return sentAtNanos[head];
    }

    public void clear() {
        head = 0;
        count = 0;
        bytes = 0;
    }

    private void requireSome() {
        if (count == 0) {
            throw new IllegalStateException("nothing is in flight");
        }
    }

    private void grow() {
        int capacity = Math.min(maxMessages, lastIndexes.length * 2);
        lastIndexes = moved(lastIndexes, capacity);
        sizesBytes = moved(sizesBytes, capacity);
        sentAtNanos = moved(sentAtNanos, capacity);
        head = 0;
    }

    private long[] moved(long[] ring, int capacity) {
        long[] larger = new long[capacity];
        for (int i = 0; i < count; i++) {
            larger[i] = ring[(head + i) % ring.length];
        }
        return larger;
    }
}
