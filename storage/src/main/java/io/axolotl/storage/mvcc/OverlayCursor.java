package io.axolotl.storage.mvcc;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks the records of a run that is being written and those below it as one: where both have a key, the run's record
 * hides the other. The run must not change meanwhile.
 */
final class OverlayCursor implements IndexCursor {
    private final Iterator<Map.Entry<byte[], IndexRecord>> above;
    private final IndexCursor below;
    private Map.@Nullable Entry<byte[], IndexRecord> nextAbove;
    private byte @Nullable [] nextBelow;
    /** Whether the current entry is {@link #current}, or else that of {@code below}. */
    private Map.@Nullable Entry<byte[], IndexRecord> current;

    private boolean hasStarted;
    private boolean belowIsCurrent;

    OverlayCursor(Iterator<Map.Entry<byte[], IndexRecord>> above, IndexCursor below) {
        this.above = above;
        this.below = below;
    }

    @Override
    public boolean next() {
        if (!hasStarted) {
            hasStarted = true;
            stepAbove();
            stepBelow();
        } else if (belowIsCurrent) {
            stepBelow();
        }
        belowIsCurrent = false;
        current = null;
        if (nextAbove == null && nextBelow == null) {
            return false;
        }
        int order =
                nextAbove == null ? 1 : nextBelow == null ? -1 : Arrays.compareUnsigned(nextAbove.getKey(), nextBelow);
        if (order > 0) {
            belowIsCurrent = true;
            return true;
        }
        current = nextAbove;
        stepAbove();
        if (order == 0) {
            stepBelow();
        }
        return true;
    }

    @Override
    public byte[] key() {
        return current != null ? current.getKey() : below.key();
    }

    @Override
    public boolean isTombstone() {
        return current != null ? current.getValue().isTombstone() : below.isTombstone();
    }

    @Override
    public IndexRecord record() {
        return current != null ? current.getValue() : below.record();
    }

    @Override
    public void close() {
        below.close();
    }

    private void stepAbove() {
        nextAbove = above.hasNext() ? above.next() : null;
    }

    private void stepBelow() {
        nextBelow = below.next() ? below.key() : null;
    }
}
