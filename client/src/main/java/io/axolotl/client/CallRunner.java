package io.axolotl.client;

import com.codahale.metrics.Timer;
import com.google.protobuf.MessageLite;
import io.axolotl.client.tls.TlsWords;
import io.axolotl.client.transport.NettyTransport;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a call to its outcome: picks where to send it, watches whether it left, judges failures and, where it is safe, tries
 * again until the budget is used up. Safe for all threads.
 *
 * <p>The attempts of one call follow each other, never overlap, and need no lock: each starts either on the caller's thread
 * (the first) or from the end of the one before it.
 */
final class CallRunner {
    /** How often one call is made again with another token: tokens may be old by the time they arrive. */
    private static final int MAX_LOGINS = 3;

    private final ClientOptions options;
    private final Connections connections;
    private final NettyTransport transport;
    private final ClientMetrics metrics;
    private final LeaderTracker leader;

    /** Calls between two attempts. */
    private final Set<Running<?, ?, ?>> pausing = ConcurrentHashMap.newKeySet();

    CallRunner(ClientOptions options, Connections connections, NettyTransport transport, ClientMetrics metrics) {
        this.options = options;
        this.connections = connections;
        this.transport = transport;
        this.metrics = metrics;
        this.leader = new LeaderTracker(connections, this::askStatus, this::askMembers, metrics);
    }

    LeaderTracker leader() {
        return leader;
    }

    /** Ends the calls that wait for their next attempt; those in flight end with their connections, closed before. */
    void close() {
        pausing.forEach(running -> running.endPause(running::closed));
    }

    /** Runs a call on any member; writes go to the leader first, if it is known. */
    <Q extends MessageLite, A, R> Pending<R> run(CallSpec<Q, A, R> spec, Q request) {
        return new Running<>(spec, request, Optional.empty()).begin();
    }

    /** Runs a call on one member, once: whoever asks one certain member wants to know how that one is. */
    <Q extends MessageLite, A, R> Pending<R> runOn(Connection connection, CallSpec<Q, A, R> spec, Q request) {
        return new Running<>(spec, request, Optional.of(connection)).begin();
    }

    /** A pending result of several calls in sequence. */
    <R> Pending<R> pending(String name, Effect effect) {
        return new Pending<>(name, effect, transport::onNetworkThread);
    }

    private CompletableFuture<StatusResult> askStatus(Connection connection) {
        return runOn(connection, Calls.STATUS, io.axolotl.client.proto.StatusRequest.getDefaultInstance());
    }

    private CompletableFuture<MembersResult> askMembers(Connection connection) {
        return runOn(connection, Calls.MEMBERS, io.axolotl.client.proto.MemberListRequest.getDefaultInstance());
    }

    /** One call on its way through its attempts. */
    private final class Running<Q extends MessageLite, A, R> {
        private final CallSpec<Q, A, R> spec;
        private final Q request;
        private final Optional<Connection> only;
        private final Pending<R> pending;
        private final Timer.Context timer;
        private final long deadlineNanos =
                System.nanoTime() + options.requestTimeout().toNanos();

        /** The last trouble with each place, for the message when none is left. */
        private final Map<String, String> troubles = new LinkedHashMap<>();

        private final Rounds<Connection> rounds;
        private int attempts;
        private int logins;

        /** The attempt under way; read by whoever cancels. */
        private volatile @Nullable ClientCall<Q, A> current;

        Running(CallSpec<Q, A, R> spec, Q request, Optional<Connection> only) {
            this.spec = spec;
            this.request = request;
            this.only = only;
            this.rounds = new Rounds<>(options.retryPolicy());
            this.pending = pending(spec.name(), spec.effect());
            this.timer = metrics.callStarted(spec.name());
        }

        Pending<R> begin() {
            int requestBytes = request.getSerializedSize();
            if (requestBytes > options.maxRequestBytes()) {
                fail(new RequestTooLargeException(spec.name(), requestBytes, options.maxRequestBytes()));
                return pending;
            }
            var unused = pending.whenComplete((result, failure) -> {
                ClientCall<Q, A> call = current;
                if (pending.isCancelled() && call != null) {
                    call.cancel("given up by the caller", null);
                }
            });
            attempt();
            return pending;
        }

        private void attempt() {
            if (pending.isDone()) {
                return;
            }
            if (connections.isClosed()) {
                closed();
                return;
            }
            Connection connection = choose();
            attempts++;
            if (attempts > 1) {
                metrics.retried();
            }
            SentProbe probe = new SentProbe();
            ClientCall<Q, A> call = connection
                    .channel()
                    .newCall(
                            spec.method(),
                            CallOptions.DEFAULT
                                    .withDeadlineAfter(attemptNanos(), TimeUnit.NANOSECONDS)
                                    .withStreamTracerFactory(probe));
            current = call;
            call.start(new AnswerListener(connection, probe), new Metadata());
            call.request(2);
            call.sendMessage(request);
            call.halfClose();
            if (pending.isCancelled()) {
                call.cancel("given up by the caller", null);
            }
        }

        private Connection choose() {
            if (only.isPresent()) {
                return only.get();
            }
            if (spec.effect() == Effect.WRITE) {
                Optional<Connection> hint = leader.leader();
                if (hint.isPresent() && !rounds.tried().contains(hint.get())) {
                    return hint.get();
                }
            }
            return connections.next(rounds.tried());
        }

        private long attemptNanos() {
            long left = deadlineNanos - System.nanoTime();
            return spec.effect() == Effect.READ
                    ? options.retryPolicy()
                            .attemptTimeout()
                            .map(timeout -> Math.min(left, timeout.toNanos()))
                            .orElse(left)
                    : left;
        }

        /** The end of an attempt: status OK and a response, or a reason why not. */
        private void ended(Connection connection, SentProbe probe, Status status, @Nullable A response) {
            if (status.isOk() && response != null) {
                connection.worked();
                succeed(response);
                return;
            }
            Status failure = status.isOk() ? Status.INTERNAL.withDescription("the answer has no message") : status;
            Verdict verdict;
            if (failure.getCause() instanceof Logins.Failed login) {
                failure = login.status();
                verdict = Verdict.REFUSED;
            } else {
                verdict = Verdict.of(failure, probe.sent());
            }
            if (verdict == Verdict.UNKNOWN && isAttemptTimeout(failure)) {
                verdict = Verdict.UNAVAILABLE;
            }
            boolean silent = failure.getCode() == Status.Code.DEADLINE_EXCEEDED;
            if (verdict == Verdict.NOT_SENT || verdict == Verdict.UNAVAILABLE || silent) {
                connection.failed();
                leader.failed(connection);
            } else if (verdict != Verdict.UNKNOWN) {
                connection.worked();
            }
            if (verdict == Verdict.TRY_ELSEWHERE) {
                // Whoever turns calls away for a reason of its own may have handed leadership over for the same reason.
                leader.failed(connection);
            }
            String text = describe(failure);
            if (verdict == Verdict.REFUSED && logins < MAX_LOGINS && connections.mayLogInAgain(text)) {
                logins++;
                attempt();
                return;
            }
            troubles.put(connection.endpoint().text(), text);
            boolean mayRepeat = only.isEmpty()
                    && verdict.mayRepeat(spec.effect())
                    && attempts < options.retryPolicy().maxAttempts();
            if (mayRepeat && again(connection, verdict)) {
                return;
            }
            fail(exception(verdict, ErrorCode.of(failure), text));
        }

        /** A read that used up its share of the budget, but not the budget, may ask somebody else. */
        private boolean isAttemptTimeout(Status failure) {
            return spec.effect() == Effect.READ
                    && failure.getCode() == Status.Code.DEADLINE_EXCEEDED
                    && options.retryPolicy().attemptTimeout().isPresent();
        }

        /** Starts or schedules the next attempt; false if the budget has no room for one. */
        private boolean again(Connection connection, Verdict verdict) {
            long pauseNanos = rounds.failedAt(
                    connection,
                    verdict,
                    tried -> !tried.containsAll(connections.configured()),
                    () -> ThreadLocalRandom.current().nextDouble());
            if (deadlineNanos - System.nanoTime() <= pauseNanos) {
                return false;
            }
            if (pauseNanos == 0) {
                attempt();
            } else {
                pauseThenAttempt(pauseNanos);
            }
            return true;
        }

        /** Whoever takes the call out of the set of pausing ones goes on with it: the timer, or {@link #close}. */
        private void pauseThenAttempt(long pauseNanos) {
            pausing.add(this);
            if (connections.isClosed()) {
                endPause(this::closed);
                return;
            }
            try {
                var unused =
                        transport.timer().schedule(() -> endPause(this::attempt), pauseNanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                endPause(this::closed);
            }
        }

        private void endPause(Runnable next) {
            if (pausing.remove(this)) {
                next.run();
            }
        }

        private void closed() {
            fail(new ClientClosedException(spec.name()));
        }

        private AxolotlException exception(Verdict verdict, ErrorCode code, String text) {
            if (verdict == Verdict.NOT_SENT && connections.isClosed()) {
                return new ClientClosedException(spec.name());
            }
            if (verdict == Verdict.NOT_SENT) {
                return new ClusterUnreachableException(spec.name() + " was not sent; no endpoint could be reached in "
                        + (attempts == 1 ? "1 attempt: " : attempts + " attempts: ")
                        + troubles.entrySet().stream()
                                .map(trouble -> trouble.getKey() + " (" + trouble.getValue() + ")")
                                .collect(Collectors.joining(", ")));
            }
            return verdict.provesNoEffect()
                    ? new RefusedException(code, text)
                    : spec.effect().givenUp(code, text);
        }

        private void succeed(A response) {
            R result;
            try {
                result = spec.decode().apply(response);
            } catch (RuntimeException e) {
                fail(spec.effect()
                        .givenUp(ErrorCode.INTERNAL, "the answer to " + spec.name() + " makes no sense: " + e));
                return;
            }
            leader.observe(spec.header().apply(result));
            timer.stop();
            metrics.done();
            pending.complete(result);
        }

        private void fail(AxolotlException failure) {
            timer.stop();
            metrics.failed(failure);
            pending.completeExceptionally(failure);
        }

        /** Collects the single response of a unary call. Called by one thread at a time. */
        private final class AnswerListener extends ClientCall.Listener<A> {
            private final Connection connection;
            private final SentProbe probe;
            private @Nullable A response;

            AnswerListener(Connection connection, SentProbe probe) {
                this.connection = connection;
                this.probe = probe;
            }

            @Override
            public void onMessage(A message) {
                response = message;
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                ended(connection, probe, status, response);
            }
        }
    }

    /** The server's own text; where gRPC made one up, what broke in fewer words. */
    private String describe(Status failure) {
        String text = Objects.requireNonNullElse(
                failure.getDescription(), failure.getCode().name());
        Throwable cause = failure.getCause();
        if (TlsWords.isAbout(cause)) {
            return TlsWords.describe(cause);
        }
        if (failure.getCode() == Status.Code.UNAVAILABLE && cause != null) {
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return Objects.requireNonNullElse(cause.getMessage(), cause.toString());
        }
        if (failure.getCode() == Status.Code.DEADLINE_EXCEEDED && text.contains("deadline exceeded after")) {
            return "no answer in time; the budget of a call is "
                    + options.requestTimeout().toMillis() + " ms";
        }
        return text;
    }
}
