package io.axolotl.server.api.watch;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts what streams that are not ready hold in gRPC, at most: what was sent to each since it was seen ready. Ready ones hold
 * next to nothing. The whole is bounded by ending the stream that holds most (A5; pitfall 62).
 *
 * <p>Confined to the watch thread.
 */
final class UnsentBytes {
    private final long maxBytes;
    private final Set<WatchStream> holders = new HashSet<>();
    private long totalBytes;

    UnsentBytes(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** A message went to a stream, which is not ready since. */
    void holds(WatchStream stream, long bytes) {
        if (holders.add(stream)) {
            stream.unsentBytes = 0;
        }
        stream.unsentBytes += bytes;
        totalBytes += bytes;
    }

    /** It has been ready again, or is gone. */
    void isFree(WatchStream stream) {
        if (holders.remove(stream)) {
            totalBytes -= stream.unsentBytes;
            stream.unsentBytes = 0;
        }
    }

    long totalBytes() {
        return totalBytes;
    }

    boolean isTooMuch() {
        return totalBytes > maxBytes;
    }

    /** Who is to go, while it is too much; null otherwise. */
    @Nullable WatchStream toEnd() {
        if (!isTooMuch()) {
            return null;
        }
        WatchStream largest = null;
        for (WatchStream holder : holders) {
            if (largest == null || holder.unsentBytes > largest.unsentBytes) {
                largest = holder;
            }
        }
        return largest;
    }
}
