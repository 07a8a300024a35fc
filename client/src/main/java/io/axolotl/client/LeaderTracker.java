package io.axolotl.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Knows who leads, as far as anybody outside can. Learns it by asking every endpoint for its status; the answer of the highest
 * term counts, once a majority has answered, so that a deposed leader that has not noticed yet does not win by being quick. A
 * leader that is not among the endpoints is looked up in the member list.
 *
 * <p>What it knows is a hint: it is dropped when the connection to the leader fails, and doubted as soon as any response header
 * shows a newer term. Looking is done in the background, one look at a time; no write waits for it. Safe for all threads.
 */
final class LeaderTracker {
    /** The leader and the connection to it. */
    record Known(Leader leader, Connection connection) {}

    /** While nobody leads, many writers must not turn into a flood of status calls. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Connections connections;
    private final Function<Connection, CompletableFuture<StatusResult>> status;
    private final Function<Connection, CompletableFuture<MembersResult>> members;
    private final ClientMetrics metrics;
    private final AtomicReference<@Nullable Known> known = new AtomicReference<>();
    private final AtomicBoolean looking = new AtomicBoolean();

    /** Monotonic time when the last look ended. */
    private volatile long lookedNanos = System.nanoTime() - LOOK_AGAIN_NANOS;

    LeaderTracker(
            Connections connections,
            Function<Connection, CompletableFuture<StatusResult>> status,
            Function<Connection, CompletableFuture<MembersResult>> members,
            ClientMetrics metrics) {
        this.connections = connections;
        this.status = status;
        this.members = members;
        this.metrics = metrics;
    }

    /** The connection to the leader, if it is known; else somebody is sent to look. */
    Optional<Connection> leader() {
        Known current = known.get();
        if (current == null) {
            look();
            return Optional.empty();
        }
        return Optional.of(current.connection());
    }

    /** Takes note of a response: a newer term means that there was an election. */
    void observe(Header header) {
        Known current = known.get();
        if (current != null
                && Long.compareUnsigned(header.raftTerm(), current.leader().raftTerm()) > 0) {
            known.compareAndSet(current, null);
            look();
        }
    }

    /** Takes note that a connection failed. */
    void failed(Connection connection) {
        Known current = known.get();
        if (current != null && current.connection() == connection) {
            known.compareAndSet(current, null);
        }
    }

    private void look() {
        if (System.nanoTime() - lookedNanos < LOOK_AGAIN_NANOS
                || connections.isClosed()
                || !looking.compareAndSet(false, true)) {
            return;
        }
        var unused = find().whenComplete((found, failure) -> {
            lookedNanos = System.nanoTime();
            looking.set(false);
        });
    }

    /** Asks around now. Completes with nothing if nobody knows a leader, or it cannot be reached; never fails. */
    CompletableFuture<Optional<Known>> find() {
        Survey survey = new Survey(connections.configured().size());
        for (Connection connection : connections.configured()) {
            var unused =
                    status.apply(connection).whenComplete((answer, failure) -> survey.answered(connection, answer));
        }
        return survey.result.thenApply(found -> {
            if (found.isPresent()) {
                known.set(found.get());
                metrics.leaderFound();
            }
            return found;
        });
    }

    /** The answers to one round of status calls. Guarded by its own monitor; completes its result outside of it. */
    private final class Survey {
        private final CompletableFuture<Optional<Known>> result = new CompletableFuture<>();
        private final int asked;
        private final Map<Long, Connection> byMember = new HashMap<>();
        private final List<Connection> answered = new ArrayList<>();
        private int ended;
        private long bestTerm;
        private long leaderId;

        Survey(int asked) {
            this.asked = asked;
        }

        void answered(Connection connection, @Nullable StatusResult answer) {
            Optional<Known> found;
            Optional<Connection> lookUpAt;
            boolean last;
            synchronized (this) {
                ended++;
                if (answer != null && !connection.isForeign()) {
                    answered.add(connection);
                    byMember.put(answer.header().memberId(), connection);
                    if (answer.leaderId() != 0 && Long.compareUnsigned(answer.raftTerm(), bestTerm) >= 0) {
                        bestTerm = answer.raftTerm();
                        leaderId = answer.leaderId();
                    }
                }
                last = ended == asked;
                found = last || answered.size() > asked / 2 ? ofMember() : Optional.empty();
                lookUpAt = last && leaderId != 0 ? answered.stream().findFirst() : Optional.empty();
            }
            if (found.isPresent()) {
                result.complete(found);
            } else if (lookUpAt.isPresent()) {
                var unused = members.apply(lookUpAt.get())
                        .<Optional<Known>>thenApply(list -> ofList(list.members()))
                        .whenComplete(
                                (listed, failure) -> result.complete(failure == null ? listed : Optional.empty()));
            } else if (last) {
                result.complete(Optional.empty());
            }
        }

        private Optional<Known> ofMember() {
            Connection connection = byMember.get(leaderId);
            return connection == null || leaderId == 0 ? Optional.empty() : Optional.of(at(connection));
        }

        private Optional<Known> ofList(List<Member> list) {
            return list.stream()
                    .filter(member -> member.id() == leaderId)
                    .flatMap(member -> member.clientUrls().stream())
                    .flatMap(url -> endpoint(url).stream())
                    .findFirst()
                    .map(endpoint -> at(connections.to(endpoint)));
        }

        /** Nothing if this client cannot connect there: members may advertise what they like. */
        private Optional<Endpoint> endpoint(String url) {
            try {
                return Optional.of(Endpoint.parse(url)).filter(connections::mayFollowTo);
            } catch (IllegalArgumentException notForUs) {
                return Optional.empty();
            }
        }

        private Known at(Connection connection) {
            return new Known(new Leader(leaderId, bestTerm, connection.endpoint()), connection);
        }
    }
}
