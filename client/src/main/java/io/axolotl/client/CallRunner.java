package io.axolotl.client;

import com.google.protobuf.MessageLite;
import io.axolotl.client.tls.TlsWords;
import io.axolotl.client.transport.NettyTransport;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.security.SecureRandom;
import java.time.Duration;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a call to its outcome: picks where to send it, watches whether it left, judges failures and, where it is safe, tries
 * again until the budget is used up. Safe for all threads.
 *
 * <p>The attempts of one call follow each other, never overlap (a read that is hedged is two of them), and need no lock: each starts either on the caller's thread
 * (the first) or from the end of the one before it.
 */
final class CallRunner {
    /** How often one call is made again with another token: tokens may be old by the time they arrive. */
    private static final int MAX_LOGINS = 3;

    /** How often one call is numbered again since its session is not known. */
    private static final int MAX_NUMBERS = 3;

    /** An attempt of a numbered write gets no less: shorter ones would only make work for a slow cluster. */
    private static final long SHORTEST_ATTEMPT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** With which to be refused says nothing of whether an attempt to open a session came through, nor of the next one. */
    private static final Set<ErrorCode> MAY_BE_OPEN =
            Set.of(ErrorCode.UNAVAILABLE, ErrorCode.DEADLINE_EXCEEDED, ErrorCode.CANCELLED, ErrorCode.UNKNOWN);

    /** A session of this id was opened by somebody else: the next has another id. */
    private static final String SESSION_EXISTS = "etcdserver: session already exists";

    private final ClientOptions options;
    private final Connections connections;
    private final NettyTransport transport;
    private final ClientMetrics metrics;
    private final LeaderTracker leader;

    private final RetryBudget budget = new RetryBudget();
    private final HealthWatch health;

    /** Null if writes are not to be numbered. */
    private final @Nullable Numbering numbering;

    /** Of sessions: a copy of this process must not draw the same, nor anybody guess them. */
    private final SecureRandom random = new SecureRandom();

    /** The id that the client has drawn for its next session; 0 for none yet. */
    private final AtomicLong wantedSession = new AtomicLong();

    /** Calls between two attempts. */
    private final Set<Running<?, ?, ?>> pausing = ConcurrentHashMap.newKeySet();

    CallRunner(ClientOptions options, Connections connections, NettyTransport transport, ClientMetrics metrics) {
        this.options = options;
        this.connections = connections;
        this.transport = transport;
        this.metrics = metrics;
        this.leader = new LeaderTracker(connections, this::askStatus, this::askMembers, metrics);
        this.health = new HealthWatch(connections.configured(), transport.timer(), System::nanoTime, metrics);
        this.numbering =
                options.exactlyOnce() == ExactlyOnce.OFF ? null : new Numbering(this::openSession, System::nanoTime);
    }

    /** Whoever is not told whether a session was opened asks for the same one, and so leaves none behind that nobody uses. */
    private CompletableFuture<Numbering.OpenedSession> openSession() {
        wantedSession.compareAndSet(0, random.nextLong());
        Pending<Numbering.OpenedSession> opening = ownCall(
                Calls.OPEN_SESSION,
                io.axolotl.client.proto.OpenSessionRequest.newBuilder()
                        .setId(wantedSession.get())
                        .build(),
                Optional.empty(),
                // Whoever waits for it is to hear why there is none before its own time is over.
                options.requestTimeout().multipliedBy(9).dividedBy(10));
        // Who hears of it may ask for another session at once: the id must be forgotten before that.
        CompletableFuture<Numbering.OpenedSession> opened = new CompletableFuture<>();
        var unused = opening.whenComplete((session, failure) -> {
            if (session != null
                    || (failure instanceof RefusedException refused && !MAY_BE_OPEN.contains(refused.code()))) {
                wantedSession.set(0);
            }
            if (session != null) {
                opened.complete(session);
            } else {
                opened.completeExceptionally(failure);
            }
        });
        return opened;
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
        return counted(new Running<>(spec, request, Optional.empty(), options.listener()));
    }

    /** As {@link #run}, for a read that may be made a second time before the first has ended. */
    <Q extends MessageLite, A, R> Pending<R> read(CallSpec<Q, A, R> spec, Q request) {
        Optional<Duration> delay = options.retryPolicy().hedgeAfter();
        if (delay.isEmpty() || connections.configured().size() == 1) {
            return run(spec, request);
        }
        Pending<R> pending = pending(spec.name(), spec.effect());
        Running<Q, A, R> first = new Running<>(spec, request, Optional.empty(), options.listener());
        first.account.follow(pending);
        budget.called();
        HedgedRead.run(pending, first.begin(), () -> hedge(first), delay.get().toNanos(), transport.timer());
        return pending;
    }

    /** The same read at another member that is well, if repeats are not used up. */
    private <Q extends MessageLite, A, R> Optional<Pending<R>> hedge(Running<Q, A, R> first) {
        boolean isAnotherWell = connections.configured().stream()
                .anyMatch(other -> other != first.at && !other.isForeign() && !other.isShunned());
        if (!isAnotherWell || !budget.take()) {
            return Optional.empty();
        }
        metrics.hedged();
        return Optional.of(new Running<>(first).begin());
    }

    /** Runs a call on one member, once: whoever asks one certain member wants to know how that one is. */
    <Q extends MessageLite, A, R> Pending<R> runOn(Connection connection, CallSpec<Q, A, R> spec, Q request) {
        return counted(new Running<>(spec, request, Optional.of(connection), options.listener()));
    }

    /** What the client wants to know for itself, which no listener has asked for. */
    private <Q extends MessageLite, A, R> Pending<R> ownCall(
            CallSpec<Q, A, R> spec, Q request, Optional<Connection> only) {
        return ownCall(spec, request, only, options.requestTimeout());
    }

    private <Q extends MessageLite, A, R> Pending<R> ownCall(
            CallSpec<Q, A, R> spec, Q request, Optional<Connection> only, Duration time) {
        return counted(new Running<>(spec, request, only, CallListener.NONE, time));
    }

    private <R> Pending<R> counted(Running<?, ?, R> running) {
        budget.called();
        running.account.follow(running.pending);
        return running.begin();
    }

    /** A pending result of several calls in sequence. */
    <R> Pending<R> pending(String name, Effect effect) {
        return new Pending<>(name, effect, transport::onNetworkThread);
    }

    private CompletableFuture<StatusResult> askStatus(Connection connection) {
        return ownCall(
                Calls.STATUS, io.axolotl.client.proto.StatusRequest.getDefaultInstance(), Optional.of(connection));
    }

    private CompletableFuture<MembersResult> askMembers(Connection connection) {
        return ownCall(
                Calls.MEMBERS, io.axolotl.client.proto.MemberListRequest.getDefaultInstance(), Optional.of(connection));
    }

    /** One call on its way through its attempts. */
    private final class Running<Q extends MessageLite, A, R> {
        private final CallSpec<Q, A, R> spec;
        private final Q request;
        private final Optional<Connection> only;
        private final Pending<R> pending;
        private final CallAccount account;
        private final long deadlineNanos;

        /** The last trouble with each place, for the message when none is left. */
        private final Map<String, String> troubles = new LinkedHashMap<>();

        private final Rounds<Connection> rounds;
        private int attempts;
        private int logins;
        private int sessionsLost;
        private int openings;

        /** Of a write whose repeats the servers tell. Taken away once, by whoever gives it back. */
        private final AtomicReference<Numbering.@Nullable Place> place = new AtomicReference<>();

        /**
         * What each attempt of such a write shows, though its place was given back meanwhile: an attempt that showed nothing could
         * be applied a second time. Null for any other call.
         */
        private volatile @Nullable String mark;

        /** Whether an attempt may have been applied, so that the next one's failure says nothing of the call. */
        private boolean isInDoubt;

        /** Why no session could be opened when it was tried last. */
        private volatile @Nullable AxolotlException openingTrouble;

        /** The attempt under way; read by whoever cancels. */
        private volatile @Nullable UnaryAttempt<Q, A> current;

        /** Where the attempt under way is made. */
        private volatile @Nullable Connection at;

        Running(CallSpec<Q, A, R> spec, Q request, Optional<Connection> only, CallListener listener) {
            this(spec, request, only, listener, options.requestTimeout());
        }

        /** @param time for all of its attempts */
        Running(CallSpec<Q, A, R> spec, Q request, Optional<Connection> only, CallListener listener, Duration time) {
            this.spec = spec;
            this.request = request;
            this.only = only;
            this.rounds = new Rounds<>(options.retryPolicy());
            this.pending = pending(spec.name(), spec.effect());
            this.account = new CallAccount(spec, metrics, listener);
            this.deadlineNanos = System.nanoTime() + time.toNanos();
        }

        /** The same call once more, beside the other one: elsewhere, and with what is left of its time. */
        Running(Running<Q, A, R> other) {
            this.spec = other.spec;
            this.request = other.request;
            this.only = other.only;
            this.pending = pending(spec.name(), spec.effect());
            this.account = other.account;
            this.deadlineNanos = other.deadlineNanos;
            this.rounds = new Rounds<>(options.retryPolicy());
            Connection elsewhere = other.at;
            if (elsewhere != null) {
                rounds.tried().add(elsewhere);
            }
        }

        Pending<R> begin() {
            if (only.isEmpty()) {
                health.called();
            }
            int requestBytes = request.getSerializedSize();
            if (requestBytes > options.maxRequestBytes()) {
                fail(new RequestTooLargeException(spec.name(), requestBytes, options.maxRequestBytes()));
                return pending;
            }
            var unused = pending.whenComplete((result, failure) -> {
                UnaryAttempt<Q, A> attempt = current;
                if (pending.isCancelled() && attempt != null) {
                    attempt.giveUp();
                }
                giveBack();
            });
            if (spec.isNumbered() && only.isEmpty() && numbering != null) {
                number(numbering);
            } else {
                attempt();
            }
            return pending;
        }

        /** Goes on with a place in a session, or without if there are none. */
        private void number(Numbering from) {
            if (pending.isDone()) {
                return;
            }
            Turn turn = new Turn();
            from.take(turn);
            if (!turn.isServed.get()) {
                later(() -> giveUp(from, turn), deadlineNanos - System.nanoTime());
            }
        }

        private void giveUp(Numbering from, Turn turn) {
            from.leave(turn);
            if (turn.isServed.getAndSet(true)) {
                return;
            }
            AxolotlException trouble = openingTrouble;
            fail(
                    trouble != null
                            ? trouble
                            : new RefusedException(
                                    ErrorCode.DEADLINE_EXCEEDED,
                                    spec.name()
                                            + " was not sent: its time was over before the servers had opened a session, or before"
                                            + " one of the client's other writes had ended"));
        }

        /** The wait for a place, which no more than the whole call outlasts its time. */
        private final class Turn implements Numbering.Taker {
            private final AtomicBoolean isServed = new AtomicBoolean();

            @Override
            public void take(Numbering.@Nullable Place taken) {
                if (isServed.getAndSet(true) || pending.isDone()) {
                    if (taken != null) {
                        Objects.requireNonNull(numbering).release(taken);
                    }
                    return;
                }
                place.set(taken);
                mark = taken == null ? null : taken.mark();
                if (taken == null && options.exactlyOnce() == ExactlyOnce.REQUIRED) {
                    fail(
                            new RefusedException(
                                    ErrorCode.FAILED_PRECONDITION,
                                    spec.name()
                                            + " was not sent: exactly-once is required, and the servers have no sessions, or no"
                                            + " room for one; etcd's have none. Relax ClientOptions.exactlyOnce, or try later"));
                    return;
                }
                if (taken == null) {
                    metrics.unnumbered();
                }
                attempt();
                if (pending.isDone()) {
                    giveBack();
                }
            }

            @Override
            public void failed(Throwable why) {
                if (isServed.getAndSet(true)) {
                    return;
                }
                // The attempts to open one had the time of whoever came first, not of this write.
                AxolotlException trouble = unsent(why);
                openingTrouble = trouble;
                openings++;
                long pauseNanos = options.retryPolicy()
                        .pauseNanos(openings, ThreadLocalRandom.current().nextDouble());
                boolean mayAsk = isPassing(why)
                        && openings < options.retryPolicy().maxAttempts()
                        && deadlineNanos - System.nanoTime() > pauseNanos;
                if (mayAsk) {
                    pauseThen(() -> number(Objects.requireNonNull(numbering)), pauseNanos);
                } else {
                    fail(trouble);
                }
            }
        }

        private void later(Runnable what, long nanos) {
            try {
                var unused = transport.timer().schedule(what, Math.max(0, nanos), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                closed();
            }
        }

        private void giveBack() {
            Numbering.Place given = place.getAndSet(null);
            if (given != null && numbering != null) {
                numbering.release(given);
            }
        }

        /** Whether a session that could not be opened for this reason may be opened soon. */
        private boolean isPassing(Throwable why) {
            return why instanceof RefusedException refused
                    && (MAY_BE_OPEN.contains(refused.code()) || refused.text().equals(SESSION_EXISTS));
        }

        /** The failure of a write for which no session could be opened. */
        private AxolotlException unsent(Throwable why) {
            if (why instanceof ClientClosedException) {
                return new ClientClosedException(spec.name());
            } else if (why instanceof ClusterUnreachableException unreachable) {
                return unreachable.of(spec.name());
            } else if (why instanceof WrongClusterException wrong) {
                return new WrongClusterException(wrong.text());
            } else if (why instanceof RefusedException refused) {
                return RefusedException.of(refused.code(), refused.text());
            }
            throw new AssertionError("a session could not be opened for a reason that nobody knows", why);
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
            if (connection.isForeign() && only.isEmpty()) {
                WrongClusterException why = connections.strangeness();
                fail(isInDoubt ? spec.effect().givenUp(why.code(), why.text()) : why);
                return;
            }
            attempts++;
            at = connection;
            int number = account.attemptStarted(connection.endpoint());
            SentProbe probe = new SentProbe();
            ClientCall<Q, A> call = connection
                    .channel()
                    .newCall(
                            spec.method(),
                            CallOptions.DEFAULT
                                    .withDeadlineAfter(attemptNanos(), TimeUnit.NANOSECONDS)
                                    .withStreamTracerFactory(probe));
            boolean isWatched = only.isEmpty() && mayBeElsewhere();
            long startNanos = System.nanoTime();
            UnaryAttempt<Q, A> attempt = new UnaryAttempt<>(call, (self, status, trailers, response) -> {
                if (isWatched) {
                    tellHealth(connection, self, startNanos, status, probe.sent());
                }
                account.attemptEnded(number, connection.endpoint(), ErrorCode.of(status));
                ended(connection, probe, status, trailers, response);
            });
            current = attempt;
            Metadata headers = new Metadata();
            String shown = mark;
            if (shown != null) {
                headers.put(SessionVerdict.ONCE, shown);
            }
            if (isWatched) {
                connection.begin(attempt);
            }
            attempt.begin(request, headers);
            if (pending.isCancelled()) {
                attempt.giveUp();
            }
        }

        /** Whether an attempt may be given up and made at another member. */
        private boolean mayBeElsewhere() {
            return spec.effect() == Effect.READ || mark != null;
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
            boolean isNumbered = mark != null;
            if (spec.effect() == Effect.WRITE && !isNumbered) {
                return left;
            }
            return options.retryPolicy()
                    .attemptTimeout()
                    .map(timeout -> Math.min(left, timeout.toNanos()))
                    .orElse(isNumbered ? Math.min(left, Math.max(left / 2, SHORTEST_ATTEMPT_NANOS)) : left);
        }

        /** The end of an attempt: status OK and a response, or a reason why not. */
        private void ended(
                Connection connection, SentProbe probe, Status status, Metadata trailers, @Nullable A response) {
            if (status.isOk() && response != null) {
                connection.worked();
                answered(connection, response);
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
            boolean isNumbered = mark != null;
            if (isNumbered && isSettledBy(SessionVerdict.of(trailers), ErrorCode.of(failure), text)) {
                return;
            }
            isInDoubt |= isNumbered && !verdict.provesNoEffect();
            boolean mayRepeat = only.isEmpty()
                    && verdict.mayRepeat(spec.effect(), isNumbered)
                    && attempts < options.retryPolicy().maxAttempts();
            if (mayRepeat && again(connection, verdict)) {
                return;
            }
            fail(exception(verdict, ErrorCode.of(failure), text));
        }

        /** Whether no more is to be done, since the session has said what there is to say, or the call goes on with another one. */
        private boolean isSettledBy(SessionVerdict said, ErrorCode code, String text) {
            switch (said.kind()) {
                case SETTLED -> fail(RefusedException.of(code, text));
                case APPLIED -> fail(new AnswerLostException(code, text, said.revision()));
                // Whoever finds its number used before it was sent has the same numbers as somebody else: a copy of
                // this process.
                case NO_SESSION, PASSED, DIFFERS -> {
                    Numbering from = Objects.requireNonNull(numbering);
                    Numbering.Place at = place.get();
                    if (at != null && (said.kind() != SessionVerdict.Kind.PASSED || !isInDoubt)) {
                        from.lost(at);
                    }
                    if (isInDoubt) {
                        fail(spec.effect().givenUp(code, text));
                    } else if (++sessionsLost >= MAX_NUMBERS) {
                        fail(RefusedException.of(code, text));
                    } else {
                        giveBack();
                        number(from);
                    }
                }
                case FULL -> {
                    Numbering.Place at = place.getAndSet(null);
                    if (at != null) {
                        Objects.requireNonNull(numbering).full(at);
                    }
                    if (isInDoubt || options.exactlyOnce() == ExactlyOnce.REQUIRED) {
                        return false;
                    }
                    mark = null;
                    metrics.unnumbered();
                    attempt();
                }
                case NONE -> {
                    return false;
                }
            }
            return true;
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
                    connections::isAnyLeft,
                    () -> ThreadLocalRandom.current().nextDouble());
            if (!budget.take()) {
                pauseNanos = Math.max(
                        pauseNanos,
                        options.retryPolicy()
                                .pauseNanos(
                                        Integer.MAX_VALUE,
                                        ThreadLocalRandom.current().nextDouble()));
            }
            if (deadlineNanos - System.nanoTime() <= pauseNanos) {
                return false;
            }
            if (pauseNanos == 0) {
                attempt();
            } else {
                pauseThen(this::attempt, pauseNanos);
            }
            return true;
        }

        /** Whoever takes the call out of the set of pausing ones goes on with it: the timer, or {@link #close}. */
        private void pauseThen(Runnable next, long pauseNanos) {
            pausing.add(this);
            if (connections.isClosed()) {
                endPause(this::closed);
                return;
            }
            try {
                var unused = transport.timer().schedule(() -> endPause(next), pauseNanos, TimeUnit.NANOSECONDS);
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
            fail(
                    isInDoubt
                            ? spec.effect().givenUp(ErrorCode.CANCELLED, "the client is closed")
                            : new ClientClosedException(spec.name()));
        }

        private AxolotlException exception(Verdict verdict, ErrorCode code, String text) {
            if (isInDoubt) {
                return spec.effect().givenUp(code, text);
            }
            if (verdict == Verdict.NOT_SENT && connections.isClosed()) {
                return new ClientClosedException(spec.name());
            }
            if (verdict == Verdict.NOT_SENT) {
                return new ClusterUnreachableException(
                        spec.name(),
                        (attempts == 1 ? "1 attempt: " : attempts + " attempts: ")
                                + troubles.entrySet().stream()
                                        .map(trouble -> trouble.getKey() + " (" + trouble.getValue() + ")")
                                        .collect(Collectors.joining(", ")));
            }
            return verdict.provesNoEffect()
                    ? RefusedException.of(code, text)
                    : spec.effect().givenUp(code, text);
        }

        private void answered(Connection connection, A response) {
            R result;
            try {
                result = spec.decode().apply(response);
            } catch (RuntimeException e) {
                fail(spec.effect()
                        .givenUp(ErrorCode.INTERNAL, "the answer to " + spec.name() + " makes no sense: " + e));
                return;
            }
            Header header = spec.header().apply(result);
            WrongClusterException strangeness = connections.strangeness(connection, header.clusterId());
            if (strangeness != null && only.isEmpty()) {
                refuseAnswer(connection, strangeness);
                return;
            }
            leader.observe(header);
            pending.complete(result);
        }

        /** It answered for another cluster: whoever was meant may be found elsewhere, unless something was done there. */
        private void refuseAnswer(Connection connection, WrongClusterException why) {
            if (spec.effect() == Effect.WRITE) {
                fail(new UnknownOutcomeException(
                        why.code(),
                        why.text(),
                        "the write was answered by a cluster that is not meant: " + why.text()));
            } else if (!again(connection, Verdict.TRY_ELSEWHERE)) {
                fail(why);
            }
        }

        private void fail(AxolotlException failure) {
            pending.completeExceptionally(failure);
        }

        private void tellHealth(
                Connection connection, UnaryAttempt<Q, A> attempt, long startNanos, Status status, boolean isSent) {
            Verdict verdict = status.isOk() ? Verdict.REFUSED : Verdict.of(status, isSent);
            boolean isAnswered =
                    verdict == Verdict.REFUSED || verdict == Verdict.BUSY || verdict == Verdict.TRY_ELSEWHERE;
            connection.end(attempt, isAnswered);
            long now = System.nanoTime();
            long tookNanos = now - startNanos;
            // What was given up took so long at least: a member whose reads are all answered elsewhere is slow.
            boolean isSlower =
                    pending.isCancelled() && tookNanos > connection.health().readNanos(now);
            if (spec.effect() == Effect.READ && (status.isOk() || isSlower)) {
                connection.health().read(now, tookNanos);
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
