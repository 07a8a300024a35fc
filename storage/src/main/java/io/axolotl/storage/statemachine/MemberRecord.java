package io.axolotl.storage.statemachine;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;
import java.util.List;

/**
 * What is on record of one member: how to reach it, and what it is to become. The value of {@code meta} under the member's
 * key, drawn in docs/formats/rocksdb-keys.md. Immutable.
 */
record MemberRecord(MemberAttributes attributes, Goal goal) {
    private static final int VERSION = 2;
    private static final List<Goal> GOALS = List.of(Goal.values());

    /** What the membership is to make of a member that it has not made of it yet. Written by its position: only append. */
    enum Goal {
        /** Nothing: it is what it is. */
        NONE,
        LEARNER,
        VOTER
    }

    static MemberRecord of(MemberAttributes attributes) {
        return new MemberRecord(attributes, Goal.NONE);
    }

    MemberRecord with(MemberAttributes newAttributes) {
        return new MemberRecord(newAttributes, goal);
    }

    MemberRecord with(Goal newGoal) {
        return new MemberRecord(attributes, newGoal);
    }

    byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out);
        return out.toArray();
    }

    private void write(ByteSink out) {
        out.u8(VERSION);
        out.u8(GOALS.indexOf(goal));
        attributes.write(out);
    }

    /**
     * @throws StoreDamagedException if these are not the bytes of a member
     * @throws UnknownFormatException if they are of another version
     */
    static MemberRecord decode(long id, byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.u8();
            if (version != VERSION) {
                throw new UnknownFormatException(
                        "the record of member " + Long.toHexString(id) + " has version " + version,
                        "version " + VERSION);
            }
            int goal = in.u8();
            if (goal >= GOALS.size()) {
                throw new StoreDamagedException("member " + Long.toHexString(id) + " has the unknown goal " + goal);
            }
            MemberRecord decoded = new MemberRecord(MemberAttributes.read(id, in), GOALS.get(goal));
            in.end();
            return decoded;
        } catch (MalformedBytesException e) {
            throw new StoreDamagedException(
                    "the record of member " + Long.toHexString(id) + " is malformed: " + e.getMessage(), e);
        }
    }
}
