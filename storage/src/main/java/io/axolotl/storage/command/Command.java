package io.axolotl.storage.command;

import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.mvcc.RangeQuery;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a log entry asks the state machine to do. Static checks (empty keys, limits, duplicate keys) have been done
 * before a command is proposed; checks that depend on the state are done when it is applied, the same on every node.
 *
 * <p>A durable format: see {@link CommandCodec} and docs/formats. Immutable by convention: arrays are shared.
 */
public sealed interface Command {
    /** PU-1 to PU-6. */
    record Put(byte[] key, byte[] value, long lease, boolean prevKv, boolean ignoreValue, boolean ignoreLease)
            implements Command, Op {}

    /** DL-1, DL-2. {@code rangeEnd} as in {@link RangeQuery}. */
    record DeleteRange(byte[] key, byte[] rangeEnd, boolean prevKv) implements Command, Op {}

    /** TX-1 to TX-12. */
    record Txn(List<Compare> compares, List<Op> success, List<Op> failure) implements Command, Op {}

    /** CP-1 to CP-3. Everything below {@code revision} that is superseded goes. */
    record Compact(long revision, boolean physical) implements Command {}

    /**
     * A member tells its name, its client URLs and its data folder (CL-5). The peer URLs count only while none are known:
     * from then on they are changed by {@link UpdateMember} alone.
     *
     * @param storeId of the member's data folder, or null from a member that did not tell it. The first one stays
     */
    record PublishMember(
            long memberId,
            String name,
            List<String> peerUrls,
            List<String> clientUrls,
            @Nullable StoreId storeId) implements Command {}

    /**
     * Changes who is to belong to the cluster. Applying one records what is wanted; the leader then brings the membership
     * there (docs/adr/0020).
     */
    sealed interface OfMembers extends Command {
        long memberId();
    }

    /**
     * CL-1.
     *
     * @param isStandby a learner that may be promoted when a voter dies
     * @param maxLearners refused if there would be more than these; in the command, so that all members decide alike
     */
    record AddMember(long memberId, List<String> peerUrls, boolean isLearner, boolean isStandby, int maxLearners)
            implements OfMembers {}

    /** CL-3. The id never comes back. */
    record RemoveMember(long memberId) implements OfMembers {}

    /** CL-3. A learner is to vote. */
    record PromoteMember(long memberId) implements OfMembers {}

    /** CL-3. The member is reached elsewhere from now on. */
    record UpdateMember(long memberId, List<String> peerUrls) implements OfMembers {}

    /** What the rolling digest of the proposing member was at {@code index}, for every other to compare with its own. */
    record CheckDigest(long index, long digest) implements Command {}

    /** Begins, ends or times a lease (contract B.8). The rules are in {@code storage.lease.LeaseRules}. */
    sealed interface OfLeases extends Command {}

    /** LE-1. Id and TTL are chosen by the proposer, the floor applied, so that all members agree. */
    record GrantLease(long id, long ttlSeconds) implements OfLeases {}

    /** LE-3. A client ends the lease, and the keys that hang on it. */
    record RevokeLease(long id) implements OfLeases {}

    /**
     * LE-6. The leader of {@code term} has seen the lease run out. Means nothing in an entry of another term: a leader that
     * was replaced cannot know what its successor has renewed (pitfall 53, fault P7).
     *
     * @param grantIndex the entry that granted the lease that is meant; its id may have been granted again since
     */
    record ExpireLease(long id, long grantIndex, long term) implements OfLeases {}

    /** The leader of {@code term} tells how long leases have left. Means nothing in an entry of another term. */
    record CheckpointLeases(long term, List<LeaseCheckpoint> checkpoints) implements OfLeases {}

    /** @param remainingSeconds 0 if the lease has its whole TTL again */
    record LeaseCheckpoint(long id, long grantIndex, long remainingSeconds) {}

    /** Raises or disarms an alarm (MT-1). */
    sealed interface OfAlarms extends Command {
        Alarm alarm();
    }

    record RaiseAlarm(Alarm alarm) implements OfAlarms {}

    record DisarmAlarm(Alarm alarm) implements OfAlarms {}

    /** Changes who may do what (contract B.11). The rules are in {@code storage.auth.AuthRules}. */
    sealed interface OfAuth extends Command {}

    /** AU-5. */
    record EnableAuth() implements OfAuth {}

    record DisableAuth() implements OfAuth {}

    /**
     * AU-7.
     *
     * @param passwordHash as bcrypt writes it; empty for a user who has no password. No password ever gets into a command
     */
    record AddUser(String user, byte[] passwordHash) implements OfAuth {
        @Override
        public String toString() {
            return "AddUser[user=" + user + "]";
        }
    }

    record DeleteUser(String user) implements OfAuth {}

    /** AU-7. {@code passwordHash} as in {@link AddUser}, but never empty. */
    record ChangePassword(String user, byte[] passwordHash) implements OfAuth {
        @Override
        public String toString() {
            return "ChangePassword[user=" + user + "]";
        }
    }

    record GrantRole(String user, String role) implements OfAuth {}

    record RevokeRole(String user, String role) implements OfAuth {}

    record AddRole(String role) implements OfAuth {}

    record DeleteRole(String role) implements OfAuth {}

    /** AU-8. The same range again has its type replaced. */
    record GrantPermission(String role, Permission permission) implements OfAuth {}

    /** AU-8. Exactly this range. */
    record RevokePermission(String role, byte[] key, byte[] rangeEnd) implements OfAuth {}

    /**
     * AU-3. A member has checked a password and gives its user a token, which all members know from then on.
     *
     * @param credentialIndex of the user whose password was right; the token is refused if it has another by now
     * @param tokenHash SHA-256 of what its bearer shows: who reads the log can do nothing with it
     */
    record AssignToken(String user, long credentialIndex, byte[] tokenHash) implements OfAuth {
        @Override
        public String toString() {
            return "AssignToken[user=" + user + "]";
        }
    }

    /** Begins sessions, and ends those that are idle. The rules are in {@code storage.session.SessionTable}. */
    sealed interface OfSessions extends Command {}

    /**
     * A client wants its calls told from their repeats; the session is bound to who calls.
     *
     * @param id drawn by the member that proposes
     * @param maxSessions refused if there would be more than these and none has been idle; in the command, so that all
     *     members decide alike
     */
    record OpenSession(long id, int maxSessions) implements OfSessions {}

    /**
     * The leader of {@code term} has seen time pass: the time by which sessions are idle. Means nothing in an entry of another
     * term.
     *
     * @param seconds since it last said so, or less
     * @param idleSeconds sessions that nobody has used for so long end
     */
    record PassTime(long term, int seconds, int idleSeconds) implements OfSessions {}

    /** One operation of a transaction's list. */
    sealed interface Op {}

    /** A read inside a transaction. */
    record Range(RangeQuery query) implements Op {}

    /**
     * Holds if for every key of the range (TX-3) {@code stored operator given} is true.
     *
     * @param rangeEnd empty for a single key
     * @param number the given version, create revision, mod revision or lease; unused for VALUE
     * @param value the given value; empty unless VALUE
     */
    record Compare(byte[] key, byte[] rangeEnd, Operator operator, Target target, long number, byte[] value) {}

    enum Operator {
        EQUAL,
        GREATER,
        LESS,
        NOT_EQUAL
    }

    enum Target {
        VERSION,
        CREATE,
        MOD,
        VALUE,
        LEASE
    }
}
