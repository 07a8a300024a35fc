package io.axolotl.server.api;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.AuthDisableRequest;
import io.axolotl.client.proto.AuthDisableResponse;
import io.axolotl.client.proto.AuthEnableRequest;
import io.axolotl.client.proto.AuthEnableResponse;
import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.client.proto.AuthRoleAddRequest;
import io.axolotl.client.proto.AuthRoleAddResponse;
import io.axolotl.client.proto.AuthRoleDeleteRequest;
import io.axolotl.client.proto.AuthRoleDeleteResponse;
import io.axolotl.client.proto.AuthRoleGetRequest;
import io.axolotl.client.proto.AuthRoleGetResponse;
import io.axolotl.client.proto.AuthRoleGrantPermissionRequest;
import io.axolotl.client.proto.AuthRoleGrantPermissionResponse;
import io.axolotl.client.proto.AuthRoleListRequest;
import io.axolotl.client.proto.AuthRoleListResponse;
import io.axolotl.client.proto.AuthRoleRevokePermissionRequest;
import io.axolotl.client.proto.AuthRoleRevokePermissionResponse;
import io.axolotl.client.proto.AuthStatusRequest;
import io.axolotl.client.proto.AuthStatusResponse;
import io.axolotl.client.proto.AuthUserAddRequest;
import io.axolotl.client.proto.AuthUserAddResponse;
import io.axolotl.client.proto.AuthUserChangePasswordRequest;
import io.axolotl.client.proto.AuthUserChangePasswordResponse;
import io.axolotl.client.proto.AuthUserDeleteRequest;
import io.axolotl.client.proto.AuthUserDeleteResponse;
import io.axolotl.client.proto.AuthUserGetRequest;
import io.axolotl.client.proto.AuthUserGetResponse;
import io.axolotl.client.proto.AuthUserGrantRoleRequest;
import io.axolotl.client.proto.AuthUserGrantRoleResponse;
import io.axolotl.client.proto.AuthUserListRequest;
import io.axolotl.client.proto.AuthUserListResponse;
import io.axolotl.client.proto.AuthUserRevokeRoleRequest;
import io.axolotl.client.proto.AuthUserRevokeRoleResponse;
import io.axolotl.client.proto.AuthenticateRequest;
import io.axolotl.client.proto.AuthenticateResponse;
import io.axolotl.client.proto.Permission;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.server.auth.LoginThrottle;
import io.axolotl.server.auth.Passwords;
import io.axolotl.server.auth.Tokens;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.auth.Access;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.auth.Role;
import io.axolotl.storage.auth.User;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/**
 * etcd's Auth service (contract B.11). What changes users and roles goes through the log, with hashes in the place of
 * passwords; what is told of them is read behind a barrier, where etcd makes a log entry.
 *
 * <p>A password is hashed only once it is certain that its caller may set it, and checked only while that caller may try.
 *
 * <p>Safe for all threads.
 */
final class AuthService extends AuthGrpc.AuthImplBase {
    /** How often a password is checked again since its user has changed meanwhile. */
    private static final int MAX_TRIES = 5;

    private static final ByteString ALL = ByteString.copyFrom(new byte[1]);

    /** Ends a telling; has no stack, for it is an answer. */
    private static final class Unanswerable extends RuntimeException {
        private final Refusal why;

        Unanswerable(Refusal why) {
            super(why.name(), null, false, false);
            this.why = why;
        }
    }

    private final NodeService node;
    private final Gate gate;
    private final ReadPool reads;
    private final StoreReader store;
    private final Passwords passwords;
    private final LoginThrottle throttle;
    private final Tokens tokens;
    private final Headers headers;

    AuthService(
            NodeService node, Gate gate, ReadPool reads, Passwords passwords, LoginThrottle throttle, Tokens tokens) {
        this.node = node;
        this.gate = gate;
        this.reads = reads;
        this.store = new StoreReader(node::store, node::isTrusted);
        this.passwords = passwords;
        this.throttle = throttle;
        this.tokens = tokens;
        this.headers = new Headers(node);
    }

    // ---- on and off ----

    @Override
    public void authEnable(AuthEnableRequest request, StreamObserver<AuthEnableResponse> observer) {
        change(
                new Command.EnableAuth(),
                observer,
                header -> AuthEnableResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void authDisable(AuthDisableRequest request, StreamObserver<AuthDisableResponse> observer) {
        change(
                new Command.DisableAuth(),
                observer,
                header -> AuthDisableResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> observer) {
        tell(
                observer,
                (access, state) -> access.asRoot(),
                state -> AuthStatusResponse.newBuilder()
                        .setHeader(headers.at(state.revision()))
                        .setEnabled(state.auth().isEnabled())
                        .setAuthRevision(state.auth().revision())
                        .build());
    }

    // ---- logging in ----

    /** AU-2. The barrier first: a password that was changed before must not work any more, nor one that is new not yet. */
    @Override
    public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> observer) {
        authenticate(request, Login.current().address(), observer, 1);
    }

    private void authenticate(
            AuthenticateRequest request, String from, StreamObserver<AuthenticateResponse> observer, int tries) {
        if (!throttle.isOpen(request.getName(), from)) {
            refuse(observer, EtcdError.TOO_MANY_REQUESTS);
            return;
        }
        node.readBarrier(failure -> {
            if (failure != null) {
                refuse(observer, EtcdError.of(failure));
            } else if (!passwords.offerLogin(from, hashing(observer, () -> check(request, from, observer, tries)))) {
                refuse(observer, EtcdError.TOO_MANY_REQUESTS);
            }
        });
    }

    private void check(
            AuthenticateRequest request, String from, StreamObserver<AuthenticateResponse> observer, int tries) {
        AuthState auth;
        try {
            auth = store.read(KvStateMachine::auth);
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
            return;
        }
        if (!auth.isEnabled()) {
            refuse(observer, EtcdError.AUTH_NOT_ENABLED);
            return;
        }
        // Those that came together with others that were wrong have had their turn.
        if (!throttle.isOpen(request.getName(), from)) {
            refuse(observer, EtcdError.TOO_MANY_REQUESTS);
            return;
        }
        User user = auth.user(request.getName());
        boolean isRight = passwords.isRight(user, request.getPassword());
        if (user == null || !isRight) {
            throttle.failed(request.getName(), from);
            boolean hasNone = user != null && !user.hasPassword();
            refuse(observer, hasNone ? EtcdError.NO_PASSWORD_USER : EtcdError.AUTHENTICATION_FAILED);
            return;
        }
        throttle.succeeded(request.getName(), from);
        tokens.issue(user, auth, node::propose, issued -> {
            if (issued instanceof Tokens.Issued.Token token) {
                answer(
                        observer,
                        AuthenticateResponse.newBuilder()
                                .setHeader(headers.at(revisionOr(token.revision())))
                                .setToken(token.text())
                                .build());
            } else if (issued instanceof Tokens.Issued.Failed failed) {
                refuse(observer, EtcdError.of(failed.why()));
            } else if (issued instanceof Tokens.Issued.Refused refused) {
                if (refused.why() == Refusal.AUTH_OLD_REVISION && tries < MAX_TRIES) {
                    authenticate(request, from, observer, tries + 1);
                } else {
                    refuse(observer, EtcdError.of(refused.why()));
                }
            }
        });
    }

    /** HD-2. */
    private long revisionOr(long revision) {
        if (revision != 0) {
            return revision;
        }
        try {
            return store.read(KvStateMachine::revision);
        } catch (RequestRefused stopping) {
            return 0;
        }
    }

    // ---- users ----

    @Override
    public void userAdd(AuthUserAddRequest request, StreamObserver<AuthUserAddResponse> observer) {
        Function<ResponseHeader, AuthUserAddResponse> answer =
                header -> AuthUserAddResponse.newBuilder().setHeader(header).build();
        if (request.getName().isEmpty()) {
            refuse(observer, EtcdError.USER_EMPTY);
        } else if (request.getOptions().getNoPassword()) {
            change(new Command.AddUser(request.getName(), new byte[0]), observer, answer);
        } else {
            changeWithHash(
                    request.getPassword(), hash -> new Command.AddUser(request.getName(), hash), observer, answer);
        }
    }

    @Override
    public void userChangePassword(
            AuthUserChangePasswordRequest request, StreamObserver<AuthUserChangePasswordResponse> observer) {
        changeWithHash(
                request.getPassword(),
                hash -> new Command.ChangePassword(request.getName(), hash),
                observer,
                header -> AuthUserChangePasswordResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    /** Root or oneself (AU-9). */
    @Override
    public void userGet(AuthUserGetRequest request, StreamObserver<AuthUserGetResponse> observer) {
        Login login = Login.current();
        Gate.Rule anybody = (access, state) -> access.asUser();
        tell(login, observer, anybody, state -> {
            AuthState auth = state.auth();
            if (!isSelf(login, auth, request.getName())) {
                requireRoot(login, auth);
            }
            User user = auth.user(request.getName());
            if (user == null) {
                throw new Unanswerable(Refusal.USER_NOT_FOUND);
            }
            return AuthUserGetResponse.newBuilder()
                    .setHeader(headers.at(state.revision()))
                    .addAllRoles(user.roles())
                    .build();
        });
    }

    @Override
    public void userList(AuthUserListRequest request, StreamObserver<AuthUserListResponse> observer) {
        tell(
                observer,
                (access, state) -> access.asRoot(),
                state -> AuthUserListResponse.newBuilder()
                        .setHeader(headers.at(state.revision()))
                        .addAllUsers(state.auth().userNames())
                        .build());
    }

    @Override
    public void userDelete(AuthUserDeleteRequest request, StreamObserver<AuthUserDeleteResponse> observer) {
        change(
                new Command.DeleteUser(request.getName()),
                observer,
                header -> AuthUserDeleteResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void userGrantRole(AuthUserGrantRoleRequest request, StreamObserver<AuthUserGrantRoleResponse> observer) {
        change(
                new Command.GrantRole(request.getUser(), request.getRole()),
                observer,
                header ->
                        AuthUserGrantRoleResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void userRevokeRole(AuthUserRevokeRoleRequest request, StreamObserver<AuthUserRevokeRoleResponse> observer) {
        change(
                new Command.RevokeRole(request.getName(), request.getRole()),
                observer,
                header -> AuthUserRevokeRoleResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    // ---- roles ----

    @Override
    public void roleAdd(AuthRoleAddRequest request, StreamObserver<AuthRoleAddResponse> observer) {
        change(
                new Command.AddRole(request.getName()),
                observer,
                header -> AuthRoleAddResponse.newBuilder().setHeader(header).build());
    }

    /** Root or who holds it (AU-9). Of role root nothing is stored: it may do everything (AU-6). */
    @Override
    public void roleGet(AuthRoleGetRequest request, StreamObserver<AuthRoleGetResponse> observer) {
        Login login = Login.current();
        tell(login, observer, (access, state) -> access.asUser(), state -> {
            AuthState auth = state.auth();
            if (!holds(login, auth, request.getRole())) {
                requireRoot(login, auth);
            }
            Role role = auth.role(request.getRole());
            if (role == null) {
                throw new Unanswerable(Refusal.ROLE_NOT_FOUND);
            }
            AuthRoleGetResponse.Builder response =
                    AuthRoleGetResponse.newBuilder().setHeader(headers.at(state.revision()));
            if (role.name().equals(User.ROOT)) {
                response.addPerm(Permission.newBuilder()
                        .setPermType(Permission.Type.READWRITE)
                        .setRangeEnd(ALL));
            } else {
                role.permissions()
                        .forEach(permission -> response.addPerm(Permission.newBuilder()
                                .setPermType(Permission.Type.valueOf(
                                        permission.type().name()))
                                .setKey(ByteArrays.wrap(permission.key()))
                                .setRangeEnd(ByteArrays.wrap(permission.rangeEnd()))));
            }
            return response.build();
        });
    }

    @Override
    public void roleList(AuthRoleListRequest request, StreamObserver<AuthRoleListResponse> observer) {
        tell(
                observer,
                (access, state) -> access.asRoot(),
                state -> AuthRoleListResponse.newBuilder()
                        .setHeader(headers.at(state.revision()))
                        .addAllRoles(state.auth().roleNames())
                        .build());
    }

    @Override
    public void roleDelete(AuthRoleDeleteRequest request, StreamObserver<AuthRoleDeleteResponse> observer) {
        change(
                new Command.DeleteRole(request.getRole()),
                observer,
                header -> AuthRoleDeleteResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void roleGrantPermission(
            AuthRoleGrantPermissionRequest request, StreamObserver<AuthRoleGrantPermissionResponse> observer) {
        if (!request.hasPerm()) {
            refuse(observer, EtcdError.PERMISSION_NOT_GIVEN);
            return;
        }
        Permission given = request.getPerm();
        if (given.getPermType() == Permission.Type.UNRECOGNIZED) {
            refuse(observer, EtcdError.INVALID_AUTH_MANAGEMENT);
            return;
        }
        change(
                new Command.GrantPermission(
                        request.getName(),
                        new io.axolotl.storage.command.Permission(
                                io.axolotl.storage.command.Permission.Type.valueOf(
                                        given.getPermType().name()),
                                given.getKey().toByteArray(),
                                given.getRangeEnd().toByteArray())),
                observer,
                header -> AuthRoleGrantPermissionResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    @Override
    public void roleRevokePermission(
            AuthRoleRevokePermissionRequest request, StreamObserver<AuthRoleRevokePermissionResponse> observer) {
        change(
                new Command.RevokePermission(
                        request.getRole(),
                        request.getKey().toByteArray(),
                        request.getRangeEnd().toByteArray()),
                observer,
                header -> AuthRoleRevokePermissionResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    // ---- steps ----

    private boolean isSelf(Login login, AuthState auth, String name) {
        return auth.isEnabled() && callerOf(login, auth).user().equals(name);
    }

    private boolean holds(Login login, AuthState auth, String role) {
        User user = auth.isEnabled() ? auth.user(callerOf(login, auth).user()) : null;
        return user != null && user.roles().contains(role);
    }

    private void requireRoot(Login login, AuthState auth) {
        Refusal refusal = Access.of(auth, callerOf(login, auth)).asRoot();
        if (refusal != null) {
            throw new Unanswerable(refusal);
        }
    }

    private Caller callerOf(Login login, AuthState auth) {
        try {
            return gate.caller(login, auth);
        } catch (RequestRefused ended) {
            throw new Unanswerable(Refusal.INVALID_AUTH_TOKEN);
        }
    }

    private <A> void tell(StreamObserver<A> observer, Gate.Rule rule, Function<KvStateMachine, A> telling) {
        tell(Login.current(), observer, rule, telling);
    }

    private <A> void tell(
            Login login, StreamObserver<A> observer, Gate.Rule rule, Function<KvStateMachine, A> telling) {
        node.readBarrier(failure -> {
            if (failure != null) {
                refuse(observer, EtcdError.of(failure));
            } else if (!reads.offer(() -> tellHere(login, observer, rule, telling))) {
                refuse(observer, EtcdError.TOO_MANY_REQUESTS);
            }
        });
    }

    private <A> void tellHere(
            Login login, StreamObserver<A> observer, Gate.Rule rule, Function<KvStateMachine, A> telling) {
        A told;
        try {
            told = gate.read(login, store, rule, telling);
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
            return;
        } catch (Unanswerable none) {
            refuse(observer, EtcdError.of(none.why));
            return;
        }
        answer(observer, told);
    }

    private <A> void change(Command.OfAuth command, StreamObserver<A> observer, Function<ResponseHeader, A> answer) {
        change(Login.current(), command, observer, answer);
    }

    private <A> void change(
            Login login, Command.OfAuth command, StreamObserver<A> observer, Function<ResponseHeader, A> answer) {
        gate.propose(
                login,
                command,
                Proposed.then(
                        observer,
                        CommandResult.AuthChanged.class,
                        changed -> answer(observer, answer.apply(headers.at(changed.revision())))));
    }

    private <A> void changeWithHash(
            String password,
            Function<byte[], Command.OfAuth> command,
            StreamObserver<A> observer,
            Function<ResponseHeader, A> answer) {
        if (!Passwords.isShortEnough(password)) {
            refuse(observer, EtcdError.PASSWORD_TOO_LONG);
            return;
        }
        Login login = Login.current();
        node.readBarrier(failure -> {
            if (failure != null) {
                refuse(observer, EtcdError.of(failure));
                return;
            }
            try {
                gate.require(login, store, (access, state) -> access.asRoot());
            } catch (RequestRefused refused) {
                refuse(observer, refused.error());
                return;
            }
            boolean isTaken = passwords.offerChange(
                    hashing(observer, () -> change(login, command.apply(passwords.hash(password)), observer, answer)));
            if (!isTaken) {
                refuse(observer, EtcdError.TOO_MANY_REQUESTS);
            }
        });
    }

    private static Passwords.Task hashing(StreamObserver<?> observer, Runnable work) {
        return new Passwords.Task() {
            @Override
            public void run() {
                work.run();
            }

            @Override
            public void dropped() {
                refuse(observer, EtcdError.of(NodeService.Failure.STOPPED));
            }
        };
    }

    private static <A> void answer(StreamObserver<A> observer, A answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    private static void refuse(StreamObserver<?> observer, EtcdError error) {
        observer.onError(error.exception());
    }
}
