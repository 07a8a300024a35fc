package io.axolotl.storage.auth;

import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.mvcc.Refusal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one caller may do under one {@link AuthState} (AU-9, AU-10). Every question is answered by why not, or null.
 *
 * <p>Immutable: safe for all threads.
 */
public final class Access {
    private static final byte[] SINGLE = {};
    private static final byte[] FIRST = {};
    private static final Access UNLIMITED = new Access(null, null, null, true);

    /** Why nothing is allowed to whoever this is. */
    private final @Nullable Refusal stranger;

    /** Why nothing is allowed that depends on keys, though the user is known. */
    private final @Nullable Refusal stale;

    private final AuthState.@Nullable Rights rights;
    private final boolean isRoot;

    /** Which keys hang on a lease. */
    @FunctionalInterface
    public interface Attached {
        /** Whether a key in {@code [from, to)} hangs on the lease; {@code to} is null for no end. */
        boolean isAny(long lease, byte[] from, byte @Nullable [] to);
    }

    private Access(
            @Nullable Refusal stranger, @Nullable Refusal stale, AuthState.@Nullable Rights rights, boolean isRoot) {
        this.stranger = stranger;
        this.stale = stale;
        this.rights = rights;
        this.isRoot = isRoot;
    }

    /** @param caller who has proven to be the one it names */
    public static Access of(AuthState auth, Caller caller) {
        if (!auth.isEnabled() || caller.isMember()) {
            return UNLIMITED;
        }
        if (caller.isNobody()) {
            return new Access(Refusal.USER_EMPTY, null, null, false);
        }
        User user = auth.user(caller.user());
        Refusal stale = caller.authRevision() < auth.revision() ? Refusal.AUTH_OLD_REVISION : null;
        if (user == null) {
            return new Access(stale != null ? stale : Refusal.PERMISSION_DENIED, null, null, false);
        }
        return new Access(null, stale, auth.rightsOf(user), user.isRoot());
    }

    /** What is open to everybody who has logged in. */
    public @Nullable Refusal asUser() {
        return stranger;
    }

    /** What is for holders of the role root. The auth revision of the caller does not matter, as with etcd. */
    public @Nullable Refusal asRoot() {
        return stranger != null ? stranger : isRoot ? null : Refusal.PERMISSION_DENIED;
    }

    public @Nullable Refusal read(byte[] key, byte[] rangeEnd) {
        return within(rights == null ? null : rights.reads(), key, rangeEnd);
    }

    public @Nullable Refusal write(byte[] key, byte[] rangeEnd) {
        return within(rights == null ? null : rights.writes(), key, rangeEnd);
    }

    private @Nullable Refusal within(@Nullable KeyRanges allowed, byte[] key, byte[] rangeEnd) {
        Refusal refusal = ofKeys();
        if (refusal != null || isRoot) {
            return refusal;
        }
        return allowed != null && allowed.covers(key, rangeEnd) ? null : Refusal.PERMISSION_DENIED;
    }

    private @Nullable Refusal ofKeys() {
        return stranger != null ? stranger : stale;
    }

    /** Whether every key that hangs on a lease may be read. */
    public @Nullable Refusal readAttached(long lease, Attached attached) {
        return withinAttached(rights == null ? null : rights.reads(), lease, attached);
    }

    /** Whether every key that hangs on a lease may be written: whoever ends or keeps it decides over them. */
    public @Nullable Refusal writeAttached(long lease, Attached attached) {
        return withinAttached(rights == null ? null : rights.writes(), lease, attached);
    }

    private @Nullable Refusal withinAttached(@Nullable KeyRanges allowed, long lease, Attached attached) {
        if (lease == 0) {
            return stranger;
        }
        Refusal refusal = ofKeys();
        if (refusal != null || isRoot || allowed == null) {
            return refusal;
        }
        List<KeyRanges.Span> gaps = allowed.gaps();
        boolean isWorthAFirstLook = gaps.size() > 1;
        if (isWorthAFirstLook && !attached.isAny(lease, FIRST, null)) {
            return null;
        }
        for (KeyRanges.Span gap : gaps) {
            if (attached.isAny(lease, gap.from(), gap.to())) {
                return Refusal.PERMISSION_DENIED;
            }
        }
        return null;
    }

    /**
     * What the leases of one command come to. Each is looked at once, however many of its puts name it: a transaction may have a
     * hundred thousand, and they are all held against the store where everything is applied.
     */
    private final class WrittenLeases {
        private final Attached attached;
        private final Map<Long, Optional<Refusal>> known = new HashMap<>();

        WrittenLeases(Attached attached) {
            this.attached = attached;
        }

        @Nullable Refusal refusalOf(long lease) {
            return known.computeIfAbsent(lease, id -> Optional.ofNullable(writeAttached(id, attached)))
                    .orElse(null);
        }
    }

    /** With a lease, its other keys too: else whoever may put one key could take others into its hands (AU-10). */
    @Nullable Refusal put(Command.Put put, Attached attached) {
        return put(put, new WrittenLeases(attached));
    }

    private @Nullable Refusal put(Command.Put put, WrittenLeases leases) {
        Refusal refusal = write(put.key(), SINGLE);
        if (refusal == null) {
            refusal = leases.refusalOf(put.lease());
        }
        return refusal == null && put.prevKv() ? read(put.key(), SINGLE) : refusal;
    }

    @Nullable Refusal deleteRange(Command.DeleteRange delete) {
        Refusal refusal = write(delete.key(), delete.rangeEnd());
        return refusal == null && delete.prevKv() ? read(delete.key(), delete.rangeEnd()) : refusal;
    }

    /** All compares and both branches, whichever is taken, and so on in all that are nested (CVE-2026-33343). */
    public @Nullable Refusal txn(Command.Txn txn, Attached attached) {
        return txn(txn, new WrittenLeases(attached));
    }

    private @Nullable Refusal txn(Command.Txn txn, WrittenLeases leases) {
        if (stranger != null) {
            return stranger;
        }
        for (Command.Compare compare : txn.compares()) {
            Refusal refusal = read(compare.key(), compare.rangeEnd());
            if (refusal != null) {
                return refusal;
            }
        }
        Refusal refusal = ops(txn.success(), leases);
        return refusal != null ? refusal : ops(txn.failure(), leases);
    }

    private @Nullable Refusal ops(List<Command.Op> ops, WrittenLeases leases) {
        for (Command.Op op : ops) {
            Refusal refusal;
            if (op instanceof Command.Range range) {
                refusal = read(range.query().key(), range.query().rangeEnd());
            } else if (op instanceof Command.Put put) {
                refusal = put(put, leases);
            } else if (op instanceof Command.DeleteRange delete) {
                refusal = deleteRange(delete);
            } else if (op instanceof Command.Txn nested) {
                refusal = txn(nested, leases);
            } else {
                throw new AssertionError("an operation without a rule of access: " + op);
            }
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }
}
