package io.axolotl.jepsen.chaos.environment;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/**
 * The memory of one node, all of its processes one after the other: they are born in a control group that counts it, and that can leave
 * them next to no room. Then what the kernel keeps of their files goes first, and who wants more waits until there is room again, or is
 * killed.
 *
 * <p>Confined to one thread, but for the questions.
 */
public final class MemoryRoom implements AutoCloseable {
    static final String HIERARCHY = "memory";

    private static final String LIMIT = "memory.limit_in_bytes";
    private static final String ON_TROUBLE = "memory.oom_control";
    private static final long NO_LIMIT = -1;
    /** What can be left to a process is found in steps of this: it cannot have less than it uses. */
    private static final long STEP_BYTES = 1 << 20;

    private static final int MOST_STEPS = 400;

    private final ControlGroup group;
    private volatile long failuresBefore;

    private MemoryRoom(ControlGroup group) {
        this.group = group;
    }

    /** What keeps us from this here, in words for people; nothing if it works. */
    public static Optional<String> obstacle() {
        return ControlGroup.obstacle(HIERARCHY, "memory");
    }

    static MemoryRoom make() {
        return new MemoryRoom(ControlGroup.make(HIERARCHY));
    }

    /** Words before a program, which keeps its process id, that is to live in it. */
    List<String> wrapper() {
        String members = group.folder().resolve(ControlGroup.MEMBERS).toString();
        return List.of("sh", "-c", "echo 0 > \"$0\" && exec \"$@\"", members);
    }

    /** Bytes in use now. */
    public long used() {
        return group.number("memory.usage_in_bytes");
    }

    /**
     * Leaves no more room than there has to be, and a little.
     *
     * @param spareBytes beyond what the kernel cannot take back
     * @param kills whether who wants more is killed; otherwise it waits
     * @return bytes that it may use from now on
     * @throws IllegalStateException if the kernel does not let us
     */
    public long tighten(long spareBytes, boolean kills) {
        failuresBefore = group.number("memory.failcnt");
        // Nobody is killed while we look how far down it goes.
        group.set(ON_TROUBLE, 1);
        long bytes = setFrom(leastThatCanBeSet() + spareBytes);
        group.set(ON_TROUBLE, kills ? 0 : 1);
        return bytes;
    }

    /** The first limit from here on that the kernel takes. */
    private long setFrom(long least) {
        long bytes = least;
        for (int step = 0; step < MOST_STEPS; step++) {
            if (isSet(bytes)) {
                return bytes;
            }
            bytes += STEP_BYTES;
        }
        throw new IllegalStateException("the memory of " + group + " cannot be limited to " + bytes + " bytes");
    }

    /** What the process cannot do without: as far down as the kernel follows, which takes back what it keeps of files meanwhile. */
    private long leastThatCanBeSet() {
        long bytes = setFrom(used());
        while (bytes > STEP_BYTES && isSet(bytes - STEP_BYTES)) {
            bytes = Math.min(bytes - STEP_BYTES, used() + STEP_BYTES);
        }
        return bytes;
    }

    /** The kernel takes back what it can, and refuses if that is not enough. */
    private boolean isSet(long bytes) {
        try {
            group.set(LIMIT, bytes);
            return true;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** How often somebody wanted more since it was tightened. */
    public long timesFull() {
        return group.number("memory.failcnt") - failuresBefore;
    }

    /** There is room again, and who waited goes on. */
    public void loosen() {
        group.set(LIMIT, NO_LIMIT);
        group.set(ON_TROUBLE, 0);
    }

    /** Nobody may live in it any more. */
    @Override
    public void close() {
        group.removeIfEmpty();
    }
}
