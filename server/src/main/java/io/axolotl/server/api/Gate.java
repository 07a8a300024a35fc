package io.axolotl.server.api;

import io.axolotl.server.api.watch.WatchRight;
import io.axolotl.server.auth.Tokens;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.driver.NodeService.ProposalCallback;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.storage.auth.Access;
import io.axolotl.storage.auth.AccessRules;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.grpc.Status;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Through which every call goes that reads or changes something: finds out who calls, and asks what that one may do (AU-9 to
 * AU-12). Commands are allowed or refused where they are applied; here they only get the name of their caller. Reads are
 * allowed or refused here, by the state that they are made on.
 *
 * <p>A call without a name, where one is needed, is refused by what the cluster has agreed on and not by what this member
 * happens to know: it may not have heard yet that access control was switched off.
 *
 * <p>Safe for all threads.
 */
final class Gate {
    /** How often what has changed under a call is looked at again before the client is told so. */
    private static final int MAX_TRIES = 5;

    private static final Map<Status.Code, String> NAMES = Map.of(
            Status.Code.INVALID_ARGUMENT, "InvalidArgument",
            Status.Code.PERMISSION_DENIED, "PermissionDenied",
            Status.Code.UNAUTHENTICATED, "Unauthenticated",
            Status.Code.UNAVAILABLE, "Unavailable");

    private final NodeService node;
    private final Quota quota;
    private final Tokens tokens;

    /** What a read of a state needs; null if it is allowed. */
    @FunctionalInterface
    interface Rule {
        @Nullable Refusal refusalOf(Access access, KvStateMachine state);
    }

    /** @param refusal null if there is a value */
    private record Looked<T>(@Nullable T value, @Nullable Refusal refusal) {}

    private record Found(Caller caller, @Nullable Refusal refusal) {}

    Gate(NodeService node, Quota quota, Tokens tokens) {
        this.node = node;
        this.quota = quota;
        this.tokens = tokens;
    }

    /** Whether this member has to hear of more before it can tell who calls. */
    boolean isAhead(Login login) {
        String token = login.token();
        return token != null && tokens.isAhead(token, node.store());
    }

    private Found callerOf(Login login, AuthState auth) {
        if (!auth.isEnabled()) {
            return new Found(Caller.NOBODY, null);
        }
        String token = login.token();
        if (token != null) {
            Caller bearer = tokens.bearer(token, auth);
            return bearer == null ? new Found(Caller.NOBODY, Refusal.INVALID_AUTH_TOKEN) : new Found(bearer, null);
        }
        String name = login.certificateName();
        return new Found(name == null ? Caller.NOBODY : Caller.user(name, auth.revision()), null);
    }

    // ---- reads ----

    /**
     * Reads what the caller may read. If users or roles change while it is read, it is read again: what is told was allowed
     * by the state it is from.
     *
     * @throws RequestRefused if it may not, or as {@link StoreReader#read}
     */
    <T> T read(Login login, StoreReader store, Rule rule, Function<KvStateMachine, T> reading) throws RequestRefused {
        for (int tries = 1; ; tries++) {
            Looked<T> looked = store.read(state -> look(login, rule, state, reading));
            T value = looked.value;
            if (looked.refusal == null && value != null) {
                return value;
            }
            Refusal refusal = looked.refusal == null ? Refusal.AUTH_OLD_REVISION : looked.refusal;
            if (refusal != Refusal.AUTH_OLD_REVISION || tries == MAX_TRIES) {
                throw new RequestRefused(EtcdError.of(refusal));
            }
        }
    }

    private <T> Looked<T> look(Login login, Rule rule, KvStateMachine state, Function<KvStateMachine, T> reading) {
        AuthState auth = state.auth();
        Refusal refusal = auth.isEnabled() ? refusalOf(login, auth, rule, state) : null;
        if (refusal != null) {
            return new Looked<>(null, refusal);
        }
        T value = reading.apply(state);
        return state.auth() == auth ? new Looked<>(value, null) : new Looked<>(null, Refusal.AUTH_OLD_REVISION);
    }

    private @Nullable Refusal refusalOf(Login login, AuthState auth, Rule rule, KvStateMachine state) {
        Found found = callerOf(login, auth);
        return found.refusal != null ? found.refusal : rule.refusalOf(Access.of(auth, found.caller), state);
    }

    /**
     * Lets a call through that reads nothing of the store by itself, or throws.
     *
     * @throws RequestRefused if the caller may not
     */
    void require(Login login, StoreReader store, Rule rule) throws RequestRefused {
        var unused = read(login, store, rule, state -> true);
    }

    /** Who calls, for what tells a user of itself; throws if a token is none. */
    Caller caller(Login login, AuthState auth) throws RequestRefused {
        Found found = callerOf(login, auth);
        if (found.refusal != null) {
            throw new RequestRefused(EtcdError.of(found.refusal));
        }
        return found.caller;
    }

    // ---- watches ----

    /** What may be watched by whoever makes this call (WA-12): asked anew whenever users or roles have changed. */
    WatchRight watching(Login login) {
        return (auth, key, rangeEnd) -> mayWatch(login, auth, key, rangeEnd);
    }

    private WatchRight.Answer mayWatch(Login login, AuthState auth, byte[] key, byte[] rangeEnd) {
        Caller caller;
        try {
            caller = caller(login, auth);
        } catch (RequestRefused noToken) {
            return new WatchRight.Answer(inGo(noToken.error()), WatchRight.Standing.FOREVER);
        }
        return new WatchRight.Answer(
                textOf(Access.of(auth, caller).read(key, rangeEnd)),
                (later, from, end) ->
                        textOf(Access.of(later, standing(login, caller, later)).read(from, end)));
    }

    /**
     * Who has created a watch, as of later: a token is not looked at again, for it may have run out since; a certificate names its
     * bearer also if access control was off when the watch was created.
     */
    private static Caller standing(Login login, Caller creator, AuthState later) {
        String name = login.certificateName();
        return login.token() == null && name != null
                ? Caller.user(name, later.revision())
                : creator.asOf(later.revision());
    }

    private static @Nullable String textOf(@Nullable Refusal refusal) {
        return refusal == null ? null : inGo(EtcdError.of(refusal));
    }

    /** WA-12: in the words of etcd's own library, which clients read. */
    private static String inGo(EtcdError error) {
        return "rpc error: code = " + NAMES.getOrDefault(error.status().getCode(), "Unknown") + " desc = "
                + error.text();
    }

    // ---- commands ----

    /**
     * Has a command applied as the caller's will. Refused before that if it is certain that nobody has called, or when the
     * store is full.
     */
    void propose(Login login, Command command, ProposalCallback callback) {
        propose(login, null, command, callback);
    }

    /**
     * As {@link #propose(Login, Command, ProposalCallback)}.
     *
     * @param call of the caller's session; null if it does not number its calls
     */
    void propose(Login login, @Nullable CallId call, Command command, ProposalCallback callback) {
        propose(login, call, command, callback, 1);
    }

    private void propose(Login login, @Nullable CallId call, Command command, ProposalCallback callback, int tries) {
        AuthState auth = node.store().auth();
        if (!auth.isEnabled()) {
            proposeAs(login, Caller.NOBODY.making(call), command, callback, tries);
            return;
        }
        Found found = callerOf(login, auth);
        if (found.refusal == null && !found.caller.isNobody()) {
            proposeAs(login, found.caller.making(call), command, callback, tries);
            return;
        }
        node.readBarrier(failure -> {
            if (failure != null) {
                callback.on(new ProposalResult.Refused(failure));
                return;
            }
            AuthState now = node.store().auth();
            Found again = callerOf(login, now);
            if (again.refusal != null) {
                refuse(callback, again.refusal);
            } else if (now.isEnabled() && again.caller.isNobody()) {
                refuse(callback, Refusal.USER_EMPTY);
            } else {
                proposeAs(login, again.caller.making(call), command, callback, tries);
            }
        });
    }

    private void proposeAs(Login login, Caller caller, Command command, ProposalCallback callback, int tries) {
        if (!isRefusedHere(caller, command) && !quota.admits(command)) {
            quota.raise(() -> refuse(callback, Refusal.NO_SPACE));
            return;
        }
        node.propose(caller, command, new ProposalCallback() {
            @Override
            public void on(ProposalResult outcome) {
                // It certainly changed nothing, and who calls is found anew from what this member has applied by now.
                if (tries < MAX_TRIES && !callback.isAbandoned() && isWorthAnother(login, caller, outcome)) {
                    propose(login, caller.call(), command, callback, tries + 1);
                } else {
                    callback.on(outcome);
                }
            }

            @Override
            public boolean isAbandoned() {
                return callback.isAbandoned();
            }
        });
    }

    /**
     * Whether the caller may not do it as far as this member knows: then it will most likely add nothing, and must neither use the
     * quota up nor raise an alarm over it. Which keys hang on leases is not asked, for that takes reads.
     */
    private boolean isRefusedHere(Caller caller, Command command) {
        return AccessRules.refusalOf(node.store().auth(), caller, command, (lease, from, to) -> false) != null;
    }

    private boolean isWorthAnother(Login login, Caller caller, ProposalResult outcome) {
        if (!(outcome instanceof ProposalResult.Done done && done.result() instanceof CommandResult.Refused refused)) {
            return false;
        }
        if (refused.why() == Refusal.USER_EMPTY) {
            // Access control was switched on before this member had heard of it.
            return caller.isNobody()
                    && !login.isOfNobody()
                    && node.store().auth().isEnabled();
        }
        return refused.why() == Refusal.AUTH_OLD_REVISION && (login.token() == null || tokens.isRenewing());
    }

    private static void refuse(ProposalCallback callback, Refusal why) {
        callback.on(new ProposalResult.Done(new CommandResult.Refused(why)));
    }
}
