package io.axolotl.storage.command;

import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.Refusal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What applying one command came to. Every revision is the one that belongs into the response header.
 *
 * <p>Immutable by convention: arrays are shared.
 */
public sealed interface CommandResult {
    /** @param previous the version before, if it was asked for and there was one (PU-5) */
    record Put(long revision, @Nullable KeyValue previous) implements CommandResult, OpResult {}

    /** @param previous removed versions in key order if asked for (DL-2), else empty */
    record DeleteRange(long revision, long deleted, List<KeyValue> previous) implements CommandResult, OpResult {}

    record Txn(long revision, boolean succeeded, List<OpResult> responses) implements CommandResult, OpResult {}

    record Compacted(long revision) implements CommandResult {}

    /** What a member told, or what is wanted of it, is on record. */
    record MemberRecorded(long revision) implements CommandResult {}

    record LeaseGranted(long revision, long id, long ttlSeconds) implements CommandResult {}

    /** The lease is gone, revoked or expired, and the keys that hung on it. */
    record LeaseRevoked(long revision) implements CommandResult {}

    /** What the leases have left is on record; those that are gone were passed over. */
    record LeasesCheckpointed(long revision) implements CommandResult {}

    /**
     * How a member's rolling digest compares; each member's own, and no part of the state.
     *
     * @param own null if this member does not keep its digest of that index
     */
    record DigestChecked(
            long index, long proposed, @Nullable Long own) implements CommandResult {
        public boolean isDifferent() {
            return own != null && own != proposed;
        }
    }

    /** @param told what is raised now, or has been disarmed; empty if there was nothing to disarm */
    record AlarmsChanged(long revision, List<Alarm> told) implements CommandResult {}

    /** Users and roles, and whether they are asked for, are as the command wants them. */
    record AuthChanged(long revision) implements CommandResult {}

    /**
     * A token is good from now on, on every member that applies this. No part of the state.
     *
     * @param index of the entry; a part of the token
     */
    record TokenAssigned(long revision, long index, String user, byte[] tokenHash) implements CommandResult {
        @Override
        public String toString() {
            return "TokenAssigned[index=" + index + ", user=" + user + "]";
        }
    }

    /** A client may now number its calls. */
    record SessionOpened(long revision, long id) implements CommandResult {}

    /** So much time has passed for sessions; those that were idle for too long have ended. */
    record TimePassed(long revision) implements CommandResult {}

    /** The call was applied in an entry before this one, at that revision; what it told was too much to be kept. */
    record AnswerNotKept(long revision) implements CommandResult {}

    /**
     * Nothing was changed; no revision was used.
     *
     * @param isSettled whether a session keeps this as what the call came to: then no other attempt of it has changed
     *     anything, or will
     */
    record Refused(Refusal why, boolean isSettled) implements CommandResult {
        public Refused(Refusal why) {
            this(why, false);
        }
    }

    /** The result of one operation of a transaction, in the place of its request. */
    sealed interface OpResult {}

    /** @param answer with the revision in progress at that point (TX-5, TX-6) */
    record Range(RangeAnswer.Found answer) implements OpResult {}
}
