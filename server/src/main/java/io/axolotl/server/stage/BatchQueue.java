package io.axolotl.server.stage;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Hands items from many threads to one, which takes everything that has arrived at once: the queue in front of every
 * stage, and the reason why a stage works in batches without waiting for them.
 *
 * <p>A stack of nodes that the consumer takes whole and turns round. Each node knows how many items and bytes lie below
 * it, so the bounds are checked without a counter that all producers would fight over. Only the producer that finds the
 * queue empty wakes the consumer, so a busy consumer costs its producers nothing but one compare-and-set.
 *
 * <p>Bounded for those who {@link #offer} (pitfall 62). Completions of work that was already admitted come by {@link
 * #add}, which never refuses: their number is bounded by the work.
 *
 * <p>{@link #offer}, {@link #add} and the gauges are safe for all threads; {@link #drainTo} is confined to the consumer.
 */
public final class BatchQueue<T> {
    private final int maxItems;
    private final long maxBytes;
    private final AtomicReference<@Nullable Node<T>> top = new AtomicReference<>();
    private volatile Waker consumer = Waker.NOBODY;

    public BatchQueue(int maxItems, long maxBytes) {
        this.maxItems = maxItems;
        this.maxBytes = maxBytes;
    }

    /** Whom to wake when the queue stops being empty. */
    public void wakes(Waker waker) {
        consumer = waker;
    }

    /** @return false if the queue is full; the item was not taken */
    public boolean offer(T item, long bytes) {
        return push(item, bytes, true);
    }

    /** Takes the item whatever the bounds say. */
    public void add(T item, long bytes) {
        push(item, bytes, false);
    }

    private boolean push(T item, long bytes, boolean isBounded) {
        Node<T> node = new Node<>(item);
        while (true) {
            Node<T> below = top.get();
            int count = below == null ? 0 : below.count;
            long total = below == null ? 0 : below.totalBytes;
            if (isBounded && (count >= maxItems || (total + bytes > maxBytes && count > 0))) {
                return false;
            }
            node.below = below;
            node.count = count + 1;
            node.totalBytes = total + bytes;
            node.sinceNanos = below == null ? System.nanoTime() : below.sinceNanos;
            if (top.compareAndSet(below, node)) {
                if (below == null) {
                    consumer.wake();
                }
                return true;
            }
        }
    }

    /**
     * Moves everything that has arrived to the end of {@code out}, oldest first.
     *
     * @return since when the oldest item has waited, as {@code System.nanoTime}; meaningless if nothing was there
     */
    public long drainTo(List<T> out) {
        Node<T> node = top.getAndSet(null);
        if (node == null) {
            return 0;
        }
        long sinceNanos = node.sinceNanos;
        Node<T> oldestFirst = null;
        while (node != null) {
            Node<T> below = node.below;
            node.below = oldestFirst;
            oldestFirst = node;
            node = below;
        }
        for (Node<T> each = oldestFirst; each != null; each = each.below) {
            out.add(each.item);
        }
        return sinceNanos;
    }

    public boolean isEmpty() {
        return top.get() == null;
    }

    /** How many items wait. */
    public int depth() {
        Node<T> node = top.get();
        return node == null ? 0 : node.count;
    }

    /** How many bytes wait. */
    public long bytes() {
        Node<T> node = top.get();
        return node == null ? 0 : node.totalBytes;
    }

    private static final class Node<T> {
        final T item;

        @Nullable Node<T> below;

        int count;
        long totalBytes;
        long sinceNanos;

        Node(T item) {
            this.item = item;
        }
    }
}
