package io.axolotl.client;

import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.client.proto.AuthenticateRequest;
import io.axolotl.client.proto.AuthenticateResponse;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has every call show who makes it: logs in before the first one, and again when a server says that the token is none any
 * more. Calls wait until they have a token; a log-in at any member is good for all of them. Where access control is off
 * calls go on without.
 *
 * <p>Safe for all threads.
 */
final class Logins extends CallCredentials {
    static final String INVALID_TOKEN = "etcdserver: invalid auth token";
    private static final String OLD_REVISION = "etcdserver: revision of auth store is old";
    /** Told to who has come without a token: access control was switched on meanwhile. */
    private static final String NOBODY = "etcdserver: user name is empty";

    private static final String NOT_ENABLED = "etcdserver: authentication is not enabled";
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    private final Credentials credentials;
    private final Duration timeout;
    private final Connections connections;

    // Guarded by this.
    private final List<MetadataApplier> waiting = new ArrayList<>();
    private boolean isAsking;
    private @Nullable Pass pass;

    /** @param token empty where access control is off */
    private record Pass(String token) {}

    /** Why a call was not made: its caller could not log in. Kept as the cause of its status. */
    static final class Failed extends Exception {
        private final Status status;

        Failed(Status why) {
            super(Objects.requireNonNullElse(why.getDescription(), why.getCode().name()), why.getCause(), false, false);
            this.status = why;
        }

        /** What the server said. */
        Status status() {
            return status;
        }
    }

    Logins(Credentials credentials, Duration timeout, Connections connections) {
        this.credentials = credentials;
        this.timeout = timeout;
        this.connections = connections;
    }

    /** Whether the server did not do something only since it wants another token. */
    static boolean isTroubleWithToken(@Nullable String text) {
        return text != null && (text.endsWith(INVALID_TOKEN) || text.endsWith(OLD_REVISION) || text.endsWith(NOBODY));
    }

    /** The next call logs in again. */
    synchronized void forget() {
        pass = null;
    }

    @Override
    public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
        Pass known;
        boolean mustAsk = false;
        synchronized (this) {
            known = pass;
            if (known == null) {
                waiting.add(applier);
                mustAsk = !isAsking;
                isAsking = true;
            }
        }
        if (known != null) {
            applier.apply(headers(known));
        } else if (mustAsk) {
            ask(new HashSet<>());
        }
    }

    private static Metadata headers(Pass pass) {
        Metadata headers = new Metadata();
        if (!pass.token.isEmpty()) {
            headers.put(TOKEN, pass.token);
        }
        return headers;
    }

    private void ask(Set<Connection> tried) {
        Connection connection = connections.next(tried);
        ClientCalls.asyncUnaryCall(
                connection
                        .openChannel()
                        .newCall(
                                AuthGrpc.getAuthenticateMethod(),
                                CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)),
                AuthenticateRequest.newBuilder()
                        .setName(credentials.user())
                        .setPassword(credentials.password())
                        .build(),
                new StreamObserver<AuthenticateResponse>() {
                    @Override
                    public void onNext(AuthenticateResponse response) {
                        connection.worked();
                        succeeded(new Pass(response.getToken()));
                    }

                    @Override
                    public void onError(Throwable failure) {
                        failed(connection, tried, Status.fromThrowable(failure));
                    }

                    @Override
                    public void onCompleted() {}
                });
    }

    private void succeeded(Pass found) {
        List<MetadataApplier> served;
        synchronized (this) {
            pass = found;
            isAsking = false;
            served = List.copyOf(waiting);
            waiting.clear();
        }
        served.forEach(applier -> applier.apply(headers(found)));
    }

    private void failed(Connection connection, Set<Connection> tried, Status why) {
        if (NOT_ENABLED.equals(why.getDescription())) {
            succeeded(new Pass(""));
            return;
        }
        boolean isOfPlace = why.getCode() == Status.Code.UNAVAILABLE || why.getCode() == Status.Code.DEADLINE_EXCEEDED;
        if (isOfPlace) {
            connection.failed();
            tried.add(connection);
            if (!connections.isClosed() && connections.isAnyLeft(tried)) {
                ask(tried);
                return;
            }
        }
        List<MetadataApplier> refused;
        synchronized (this) {
            isAsking = false;
            refused = List.copyOf(waiting);
            waiting.clear();
        }
        // What only the place was to blame for counts as a call that was not sent; all else as one that was refused.
        // gRPC lets few codes through from here; the server's own is in the cause.
        Status told = isOfPlace
                ? why
                : Status.UNAUTHENTICATED.withDescription(why.getDescription()).withCause(new Failed(why));
        refused.forEach(applier -> applier.fail(told));
    }
}
