package io.axolotl.server.api.watch;

import static io.axolotl.server.api.watch.WatchBench.everything;
import static io.axolotl.server.api.watch.WatchBench.key;
import static io.axolotl.server.api.watch.WatchBench.revisions;
import static io.axolotl.server.api.watch.WatchBench.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Clients that do not read, and how little they cost the others and the member (A5, pitfall 62). */
class SlowWatcherTest {
    private final WatchBench bench = new WatchBench();
    private final WatchBench.Client client = bench.client();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    @DisplayName("A5 (etcd#17529, etcd#16839): nothing is kept for a client that does not read; it is read again later")
    void aSlowWatcherGoesOnWhereItWas() {
        client.create(everything());
        client.sent();
        client.hasRoomFor(1);
        bench.puts(1);
        bench.settle();
        bench.puts(5_000);
        bench.settle();

        assertThat(client.output.takeSent()).hasSize(1);
        assertThat(bench.gauge("etcd_debugging_mvcc_slow_watcher_total")).isEqualTo(1);

        client.hasRoomFor(Integer.MAX_VALUE);
        assertThat(client.revisions()).isEqualTo(revisions(3, 5_002));
        assertThat(bench.gauge("etcd_debugging_mvcc_slow_watcher_total")).isZero();
    }

    @Test
    @DisplayName("A5: a watcher on a full stream that nothing concerns stays at the tail; its sibling is parked")
    void onlyWhoHasEventsToGetFallsBehind() {
        client.create(key("busy"));
        client.create(key("quiet"));
        client.sent();
        client.hasRoomFor(0);
        bench.put("busy", "v");
        bench.settle();

        assertThat(bench.gauge("etcd_debugging_mvcc_slow_watcher_total")).isEqualTo(1);
    }

    @Test
    @DisplayName("A5: fast watchers beside a slow one get everything, and at once")
    void aSlowWatcherHoldsNobodyUp() {
        WatchBench.Client slow = bench.client();
        slow.create(everything());
        client.create(everything());
        client.sent();
        slow.hasRoomFor(0);
        for (int i = 0; i < 100; i++) {
            bench.puts(1);
            assertThat(client.revisions()).containsExactly(2L + i);
        }
        slow.hasRoomFor(Integer.MAX_VALUE);
        assertThat(slow.revisions()).isEqualTo(revisions(2, 101));
    }

    @Test
    @DisplayName(
            "WA-4: a slow watcher whose place was compacted meanwhile is told so when there is room, and not before")
    void aSlowWatcherMayLoseItsPlace() {
        client.create(key("k"));
        client.sent();
        client.hasRoomFor(0);
        bench.put("k", "2");
        bench.put("k", "3");
        bench.settle();
        bench.compact(3);
        bench.settle();
        assertThat(client.output.sent).isEmpty();

        client.hasRoomFor(10);

        assertThat(client.sent()).singleElement().satisfies(end -> {
            assertThat(end.getCanceled()).isTrue();
            assertThat(end.getCompactRevision()).isEqualTo(3);
            assertThat(end.getEventsList()).isEmpty();
        });
    }

    @Test
    @DisplayName("A5, GU-4: a client with room for one small message at a time gets every revision whole and once")
    void aTrickleIsOrderedAndWhole() {
        WatchLimits small = WatchBench.limits(10, 1, 1 << 20, 1 << 20);
        try (WatchBench trickle = new WatchBench(small)) {
            WatchBench.Client one = trickle.client();
            one.create(everything());
            one.sent();
            List<WatchResponse> got = new ArrayList<>();
            one.hasRoomFor(0);
            for (int i = 0; i < 50; i++) {
                trickle.txn(WatchBench.putOf("a", "x"), WatchBench.putOf("b", "y".repeat(5_000)));
            }
            for (int i = 0; i < 50; i++) {
                one.hasRoomFor(1);
                got.addAll(one.sent());
                assertThat(got).hasSize(i + 1);
            }

            assertThat(got).allMatch(message -> message.getEventsCount() == 2);
            assertThat(got)
                    .extracting(message -> message.getEvents(0).getKv().getModRevision())
                    .isEqualTo(revisions(2, 51));
        }
    }

    @Test
    @DisplayName("A5, pitfall 62: when too much waits in all streams together, the one that holds most is ended")
    void theLargestHolderIsEnded() {
        WatchLimits tight = WatchBench.limits(1_000, 64 << 10, 64 << 20, 100_000);
        try (WatchBench full = new WatchBench(tight)) {
            WatchBench.Client large = full.client();
            WatchBench.Client small = full.client();
            large.create(key("large"));
            small.create(key("small"));
            full.settle();
            large.hasRoomFor(1);
            small.hasRoomFor(1);
            full.put("small", "x".repeat(40_000));
            full.settle();
            assertThat(small.output.end).isNull();
            full.put("large", "x".repeat(90_000));
            full.settle();

            assertThat(large.output.end).isEqualTo(StreamEnd.TOO_MUCH_UNSENT);
            assertThat(small.output.end).isNull();
            assertThat(full.gauge("axolotl_watch_unsent_bytes")).isEqualTo(small.output.heldBytes);
        }
    }

    @Test
    @DisplayName("A5: a revision that holds more for a watcher than may be sent ends that watcher, and says why")
    void aRevisionMayBeTooLarge() {
        WatchLimits tight = WatchBench.limits(1_000, 64 << 10, 1_000, 1 << 20);
        try (WatchBench small = new WatchBench(tight)) {
            WatchBench.Client all = small.client();
            all.create(everything());
            all.create(key("a"));
            all.sent();
            small.txn(WatchBench.putOf("a", "x".repeat(600)), WatchBench.putOf("b", "x".repeat(600)));

            List<WatchResponse> sent = all.sent();
            assertThat(sent).hasSize(2);
            assertThat(sent)
                    .filteredOn(WatchResponse::getCanceled)
                    .singleElement()
                    .satisfies(end -> {
                        assertThat(end.getWatchId()).isZero();
                        assertThat(end.getCancelReason()).contains("watch a smaller range");
                    });
            assertThat(texts(sent)).containsExactly("PUT a@2");
        }
    }

    @Test
    @DisplayName(
            "A5, pitfall 62: a large revision that concerns many goes to some in one turn, to the others in later ones")
    void aLargeRevisionForManyIsSharedOut() {
        WatchLimits tight = WatchBench.limits(1_000, 64 << 10, 10_000, 1 << 20);
        try (WatchBench many = new WatchBench(tight)) {
            List<WatchBench.Client> clients = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                clients.add(many.client());
                clients.get(i).create(everything());
            }
            many.settle();
            clients.forEach(one -> one.output.takeSent());
            many.put("before", "v");
            many.txn(
                    WatchBench.putOf("a", "1"),
                    WatchBench.putOf("b", "2"),
                    WatchBench.putOf("c", "3"),
                    WatchBench.putOf("d", "4"));
            many.put("after", "v");

            boolean isBusy = true;
            while (isBusy) {
                long before = clients.stream()
                        .filter(one -> !one.output.events(0).isEmpty())
                        .mapToLong(one -> one.output.events(0).size())
                        .sum();
                isBusy = many.hub.runOnce();
                long after = clients.stream()
                        .mapToLong(one -> one.output.events(0).size())
                        .sum();
                // Two readings of twice the bound, 256 bytes an event at least.
                assertThat(after - before).isLessThanOrEqualTo(2 * 2 * 10_000 / 256);
            }

            assertThat(clients)
                    .allSatisfy(one -> assertThat(one.output.events(0))
                            .extracting(WatchBench::text)
                            .containsExactly(
                                    "PUT before@2", "PUT a@3", "PUT b@3", "PUT c@3", "PUT d@3", "PUT after@4"));
            assertThat(clients)
                    .allSatisfy(one -> assertThat(one.output.sent)
                            .as("no revision is split")
                            .noneMatch(response -> response.getEventsList().stream()
                                                    .filter(event ->
                                                            event.getKv().getModRevision() == 3)
                                                    .count()
                                            % 4
                                    != 0));
        }
    }

    @Test
    @DisplayName("A5, pitfall 62: nothing is added to what is held once it is too much, within a turn either")
    void nothingIsAddedToTooMuch() {
        WatchLimits tight = WatchBench.limits(1_000, 64 << 10, 64 << 20, 100_000);
        try (WatchBench full = new WatchBench(tight)) {
            List<WatchBench.Client> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(full.client());
                clients.get(i).create(everything());
            }
            full.settle();
            clients.forEach(one -> {
                one.output.takeSent();
                one.hasRoomFor(1);
            });
            full.put("k", "x".repeat(60_000));
            full.hub.runOnce();

            long held = clients.stream().mapToLong(one -> one.output.heldBytes).sum();
            assertThat(held).isLessThan(4 * 60_100);
            full.settle();
            assertThat(clients)
                    .as("each has the event, or its end")
                    .allSatisfy(one -> assertThat(one.output.end != null || one.output.sent.size() == 1)
                            .isTrue());
        }
    }

    @Test
    @DisplayName(
            "10,000 slow watchers on as many streams: each holds one message, whatever is written; then all catch up")
    void tenThousandSlowWatchersAreBounded() {
        List<WatchBench.Client> clients = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            WatchBench.Client one = bench.client();
            one.create(key("k" + i % 7));
            clients.add(one);
        }
        bench.settle();
        clients.forEach(one -> {
            one.output.takeSent();
            one.hasRoomFor(1);
        });
        bench.puts(700);
        bench.settle();

        assertThat(clients).allSatisfy(one -> assertThat(one.output.sent).hasSize(1));
        long held = clients.stream().mapToLong(one -> one.output.heldBytes).sum();
        assertThat(bench.gauge("axolotl_watch_unsent_bytes")).isEqualTo(held);
        assertThat(held).isLessThan(WatchBench.LIMITS.maxUnsentBytes());
        bench.puts(1_400);
        bench.settle();
        assertThat(clients)
                .as("nothing more is kept for them")
                .allSatisfy(one -> assertThat(one.output.sent).hasSize(1));
        assertThat(bench.gauge("etcd_debugging_mvcc_slow_watcher_total")).isEqualTo(10_000);

        clients.forEach(one -> one.hasRoomFor(Integer.MAX_VALUE));
        bench.settle();

        assertThat(clients).allSatisfy(one -> assertThat(one.output.events(0)).hasSize(300));
        assertThat(bench.gauge("etcd_debugging_mvcc_slow_watcher_total")).isZero();
        assertThat(bench.gauge("axolotl_watch_unsent_bytes")).isZero();
    }

    @Test
    @DisplayName("C6: the clock may begin anywhere, also shortly before its numbers run out")
    void theOriginOfTheClockDoesNotMatter() {
        try (WatchBench late = new WatchBench(
                WatchBench.LIMITS, Long.MAX_VALUE - Duration.ofSeconds(5).toNanos())) {
            WatchBench.Client one = late.client();
            one.create(key("k").setProgressNotify(true));
            assertThat(one.sent()).hasSize(1);
            late.pass(Duration.ofSeconds(12));
            assertThat(one.sent()).hasSize(1);
            late.pass(Duration.ofSeconds(12));
            assertThat(one.sent()).hasSize(1);
        }
    }
}
