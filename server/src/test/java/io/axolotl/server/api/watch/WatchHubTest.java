package io.axolotl.server.api.watch;

import static io.axolotl.server.api.watch.WatchBench.bytes;
import static io.axolotl.server.api.watch.WatchBench.everything;
import static io.axolotl.server.api.watch.WatchBench.key;
import static io.axolotl.server.api.watch.WatchBench.range;
import static io.axolotl.server.api.watch.WatchBench.revisions;
import static io.axolotl.server.api.watch.WatchBench.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.server.api.FakeNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Watches step by step, without threads. */
class WatchHubTest {
    private final WatchBench bench = new WatchBench();
    private final WatchBench.Client client = bench.client();

    @AfterEach
    void close() {
        bench.close();
    }

    @Nested
    class Creation {
        @Test
        @DisplayName("WA-1, WA-3: created comes first, its header at the revision above which the first event lies")
        void aNewWatcherIsToldSoBeforeItsFirstEvent() {
            bench.put("k", "before");
            client.create(key("k"));
            bench.put("k", "pending when the request is handled");
            List<WatchResponse> created = client.sent();
            bench.put("k", "after");

            assertThat(created).hasSize(1);
            assertThat(created.get(0).getCreated()).isTrue();
            assertThat(created.get(0).getWatchId()).isZero();
            assertThat(created.get(0).getHeader().getRevision()).isEqualTo(3);
            assertThat(texts(client.sent())).containsExactly("PUT k@4");
        }

        @Test
        @DisplayName("WA-1: an empty key is the 0 byte; with an end of one 0 byte that is everything")
        void anEmptyKeyIsTheFirstKey() {
            client.create(everything());
            client.create(WatchCreateRequest.newBuilder());
            client.sent();
            bench.put("k", "v");

            assertThat(client.sent())
                    .filteredOn(response -> response.getEventsCount() > 0)
                    .extracting(WatchResponse::getWatchId)
                    .containsExactly(0L);
        }

        @Test
        @DisplayName("WA-2: ids count up from 0 past those that are taken; a taken one is refused inside of the stream")
        void idsAreFreeOnes() {
            client.create(key("k").setWatchId(1));
            client.create(key("k"));
            client.create(key("k"));
            client.create(key("k").setWatchId(2));

            List<WatchResponse> answers = client.sent();

            assertThat(answers).extracting(WatchResponse::getWatchId).containsExactly(1L, 0L, 2L, -1L);
            WatchResponse refused = answers.get(3);
            assertThat(refused.getCreated()).isTrue();
            assertThat(refused.getCanceled()).isTrue();
            assertThat(refused.getCancelReason()).isEqualTo("mvcc: duplicate watch ID provided on the WatchStream");
        }

        @Test
        @DisplayName("WA-2: an end at or before the key is refused inside of the stream")
        void anEmptyRangeIsRefused() {
            client.create(range("b", "b"));
            client.create(range("b", "a"));

            assertThat(client.sent()).hasSize(2).allSatisfy(refused -> {
                assertThat(refused.getWatchId()).isEqualTo(-1);
                assertThat(refused.getCreated()).isTrue();
                assertThat(refused.getCanceled()).isTrue();
                assertThat(refused.getCancelReason()).isEqualTo("mvcc: watcher range is empty");
            });
        }

        @Test
        @DisplayName("WA-3: a negative start revision is refused as compacted, inside of the stream")
        void aNegativeStartIsRefused() {
            client.create(key("k").setStartRevision(-1));

            assertThat(client.sent()).singleElement().satisfies(refused -> {
                assertThat(refused.getWatchId()).isEqualTo(-1);
                assertThat(refused.getCreated()).isTrue();
                assertThat(refused.getCanceled()).isTrue();
                assertThat(refused.getCancelReason()).isEqualTo("mvcc: required revision has been compacted");
            });
        }

        @Test
        @DisplayName(
                "WA-3, A7 (etcd#20221): a start revision that has not come is waited for, and nothing earlier is sent")
        void aFutureStartIsWaitedFor() {
            client.create(key("k").setStartRevision(4));
            bench.put("k", "2");
            bench.put("k", "3");
            assertThat(client.revisions()).isEmpty();

            bench.put("k", "4");
            bench.put("k", "5");

            assertThat(client.revisions()).containsExactly(4L, 5L);
        }

        @Test
        @DisplayName("WA-15: created answers come in the order of the requests, each request allows another")
        void answersComeInOrder() {
            for (int i = 0; i < 40; i++) {
                client.create(key("k" + i));
            }

            assertThat(client.sent()).extracting(WatchResponse::getWatchId).isEqualTo(revisions(0, 39));
            assertThat(client.output.requested).isEqualTo(40);
        }

        @Test
        @DisplayName("pitfall 62: who does not take the answers may not ask on")
        void aClientThatDoesNotReadMayNotAskOn() {
            bench.settle();
            client.hasRoomFor(0);
            client.create(key("k"));
            client.create(key("k"));
            bench.settle();
            assertThat(client.output.requested).isZero();

            client.hasRoomFor(10);
            bench.settle();

            assertThat(client.output.requested).isEqualTo(2);
        }
    }

    @Nested
    class Events {
        @Test
        @DisplayName("WA-6, GU-1, A10: what one transaction changed comes in one message, in the order of its changes")
        void aRevisionIsNeverSplit() {
            client.create(everything());
            bench.put("gone", "x");
            client.sent();

            bench.txn(
                    WatchBench.putOf("b", "1"),
                    WatchBench.putOf("a", "2"),
                    WatchBench.deleteOf("gone", ""),
                    WatchBench.putOf("c", "3"));

            List<WatchResponse> sent = client.sent();
            assertThat(sent).hasSize(1);
            assertThat(texts(sent)).containsExactly("PUT b@3", "PUT a@3", "DELETE gone@3", "PUT c@3");
            assertThat(sent.get(0).getHeader().getRevision()).isEqualTo(3);
        }

        @Test
        @DisplayName("WA-3, WA-6: history from a revision on, then what comes, without a gap or a repetition")
        void historyRunsIntoThePresent() {
            bench.puts(3_000);
            client.create(everything().setStartRevision(2));
            List<Long> seen = new ArrayList<>();
            while (bench.hub.runOnce()) {
                bench.put("k", "meanwhile");
                seen.addAll(client.output.takeSent().stream()
                        .flatMap(response -> response.getEventsList().stream())
                        .map(event -> event.getKv().getModRevision())
                        .toList());
                if (seen.size() > 2_000) {
                    break;
                }
            }
            seen.addAll(client.revisions());

            assertThat(seen).isEqualTo(revisions(2, bench.node.store().revision()));
        }

        @Test
        @DisplayName("WA-7: filters drop puts or deletes, and a message without events is not sent")
        void filteredEventsAreNotSent() {
            client.create(key("k").addFilters(WatchCreateRequest.FilterType.NOPUT));
            client.create(key("k").addFilters(WatchCreateRequest.FilterType.NODELETE));
            client.create(key("k").addFilters(WatchCreateRequest.FilterType.NODELETE)
                    .addFilters(WatchCreateRequest.FilterType.NOPUT));
            client.sent();

            bench.put("k", "v");
            bench.settle();
            bench.delete("k");
            bench.settle();

            assertThat(client.output.events(0)).extracting(WatchBench::text).containsExactly("DELETE k@3");
            assertThat(client.output.events(1)).extracting(WatchBench::text).containsExactly("PUT k@2");
            assertThat(client.output.sent).hasSize(2);
        }

        @Test
        @DisplayName("WA-8: prev_kv is what stood before the event; a put that creates has none")
        void previousVersionsComeAlong() {
            client.create(key("k").setPrevKv(true).setStartRevision(2));
            client.create(key("k").setStartRevision(2));
            bench.put("k", "first");
            bench.put("k", "second");
            bench.delete("k");
            bench.put("k", "again");
            bench.settle();

            List<Event> events = client.output.events(0);
            assertThat(events).extracting(Event::hasPrevKv).containsExactly(false, true, true, false);
            assertThat(events.get(1).getPrevKv().getValue()).isEqualTo(bytes("first"));
            assertThat(events.get(2).getPrevKv().getValue()).isEqualTo(bytes("second"));
            assertThat(events.get(2).getPrevKv().getModRevision()).isEqualTo(3);
            assertThat(events.get(2).getPrevKv().getVersion()).isEqualTo(2);
            assertThat(events.get(3).getKv().getVersion()).isEqualTo(1);
            assertThat(client.output.events(1)).noneMatch(Event::hasPrevKv);
        }

        @Test
        @DisplayName(
                "WA-8: prev_kv is left out when the revision before the event is compacted, removed from the disk or not")
        void whatIsCompactedIsNoPreviousVersion() {
            bench.put("k", "first");
            bench.put("k", "second");
            bench.put("k", "third");
            bench.compact(3);
            for (boolean isRemoved : new boolean[] {false, true}) {
                if (isRemoved) {
                    bench.node.removeHistory();
                }
                WatchBench.Client late = bench.client();
                late.create(key("k").setPrevKv(true).setStartRevision(3));
                bench.settle();

                assertThat(late.output.events(0)).extracting(Event::hasPrevKv).containsExactly(false, true);
            }
        }

        @Test
        @DisplayName("WA-5: after the answer to a cancel nothing comes for its id; an unknown id is not answered")
        void aCancelledWatcherIsSilent() {
            client.create(key("k"));
            client.create(key("k"));
            client.sent();

            client.cancel(0);
            client.cancel(7);
            bench.put("k", "v");

            List<WatchResponse> sent = client.sent();
            assertThat(sent).hasSize(2);
            assertThat(sent.get(0).getCanceled()).isTrue();
            assertThat(sent.get(0).getWatchId()).isZero();
            assertThat(sent.get(0).getCancelReason()).isEmpty();
            assertThat(sent.get(1).getWatchId()).isEqualTo(1);
        }

        @Test
        @DisplayName("WA-5: a request without content is ignored, the stream goes on")
        void anEmptyRequestIsIgnored() {
            client.stream.received(WatchRequest.getDefaultInstance());
            client.create(key("k"));

            assertThat(client.sent()).hasSize(1);
            assertThat(client.output.requested).isEqualTo(2);
        }

        @Test
        @DisplayName(
                "WA-10: who asked for it gets a large revision in pieces, all but the last marked; nobody else does")
        void largeRevisionsAreFragmentedOnRequest() {
            client.create(everything().setFragment(true));
            client.create(everything());
            client.sent();
            String large = "x".repeat(700_000);
            bench.txn(
                    WatchBench.putOf("a", large),
                    WatchBench.putOf("b", large),
                    WatchBench.putOf("c", large),
                    WatchBench.putOf("d", large));

            List<WatchResponse> sent = client.sent();
            List<WatchResponse> pieces =
                    sent.stream().filter(response -> response.getWatchId() == 0).toList();
            assertThat(pieces).hasSize(2);
            assertThat(pieces).extracting(WatchResponse::getFragment).containsExactly(true, false);
            assertThat(pieces)
                    .allSatisfy(piece -> assertThat(piece.getSerializedSize()).isLessThan(2 << 20));
            assertThat(texts(pieces)).containsExactly("PUT a@2", "PUT b@2", "PUT c@2", "PUT d@2");
            assertThat(sent.subList(0, 2))
                    .as("WA-15: nothing comes between the pieces")
                    .isEqualTo(pieces);
            assertThat(sent).hasSize(3);
            assertThat(sent.get(2).getFragment()).isFalse();
        }

        @Test
        @DisplayName("WA-10: a single event is never split, whatever its size")
        void oneEventIsOnePiece() {
            client.create(everything().setFragment(true));
            client.sent();
            bench.put("k", "x".repeat(3 << 20));

            assertThat(client.sent()).singleElement().satisfies(whole -> {
                assertThat(whole.getFragment()).isFalse();
                assertThat(whole.getEventsCount()).isEqualTo(1);
            });
        }
    }

    @Nested
    class SlowClients {
        @Test
        @DisplayName(
                "A5 (etcd#17529, etcd#16839): nothing is kept for a client that does not read; it is read again later")
        void aSlowWatcherGoesOnWhereItWas() {
            client.create(everything());
            client.sent();
            client.hasRoomFor(1);
            bench.puts(1);
            bench.settle();
            bench.puts(5_000);
            bench.settle();

            assertThat(client.output.takeSent()).hasSize(1);
            assertThat(gauge("etcd_debugging_mvcc_slow_watcher_total")).isEqualTo(1);

            client.hasRoomFor(Integer.MAX_VALUE);
            assertThat(client.revisions()).isEqualTo(revisions(3, 5_002));
            assertThat(gauge("etcd_debugging_mvcc_slow_watcher_total")).isZero();
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

            assertThat(gauge("etcd_debugging_mvcc_slow_watcher_total")).isEqualTo(1);
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
            WatchLimits small = new WatchLimits(
                    10,
                    1 << 20,
                    50_000,
                    1,
                    2 << 20,
                    1 << 20,
                    1 << 20,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(1));
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
            WatchLimits tight = new WatchLimits(
                    1_000,
                    1 << 20,
                    50_000,
                    64 << 10,
                    2 << 20,
                    64 << 20,
                    100_000,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(1));
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
                assertThat(gauge(full, "axolotl_watch_unsent_bytes")).isEqualTo(small.output.heldBytes);
            }
        }

        @Test
        @DisplayName("A5: a revision that holds more for a watcher than may be sent ends that watcher, and says why")
        void aRevisionMayBeTooLarge() {
            WatchLimits tight = new WatchLimits(
                    1_000,
                    1 << 20,
                    50_000,
                    64 << 10,
                    2 << 20,
                    1_000,
                    1 << 20,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(1));
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
            WatchLimits tight = new WatchLimits(
                    1_000,
                    1 << 20,
                    50_000,
                    64 << 10,
                    2 << 20,
                    10_000,
                    1 << 20,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(1));
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
            WatchLimits tight = new WatchLimits(
                    1_000,
                    1 << 20,
                    50_000,
                    64 << 10,
                    2 << 20,
                    64 << 20,
                    100_000,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(1));
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

                long held =
                        clients.stream().mapToLong(one -> one.output.heldBytes).sum();
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
            assertThat(gauge("axolotl_watch_unsent_bytes")).isEqualTo(held);
            assertThat(held).isLessThan(WatchBench.LIMITS.maxUnsentBytes());
            bench.puts(1_400);
            bench.settle();
            assertThat(clients)
                    .as("nothing more is kept for them")
                    .allSatisfy(one -> assertThat(one.output.sent).hasSize(1));
            assertThat(gauge("etcd_debugging_mvcc_slow_watcher_total")).isEqualTo(10_000);

            clients.forEach(one -> one.hasRoomFor(Integer.MAX_VALUE));
            bench.settle();

            assertThat(clients)
                    .allSatisfy(one -> assertThat(one.output.events(0)).hasSize(300));
            assertThat(gauge("etcd_debugging_mvcc_slow_watcher_total")).isZero();
            assertThat(gauge("axolotl_watch_unsent_bytes")).isZero();
        }
    }

    @Nested
    class Clocks {
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

    @Nested
    class Compaction {
        @Test
        @DisplayName("WA-4: a start below the floor is cancelled, also by a member whose tail has not come there yet")
        void aCompactedStartBeyondTheTailIsCancelled() {
            client.create(key("other"));
            client.sent();
            bench.puts(10);
            bench.compact(9);
            client.create(everything().setStartRevision(5));

            List<WatchResponse> sent = client.sent();

            assertThat(sent).hasSize(2);
            assertThat(sent.get(0).getCreated()).isTrue();
            assertThat(sent.get(1).getCanceled()).isTrue();
            assertThat(sent.get(1).getCompactRevision()).isEqualTo(9);
        }

        @Test
        @DisplayName(
                "WA-4: a start below the floor is created, then cancelled with the floor, without revision and reason")
        void aCompactedStartHasItsShape() {
            bench.puts(5);
            bench.compact(4);
            client.create(key("k").setStartRevision(3));

            List<WatchResponse> sent = client.sent();

            assertThat(sent).hasSize(2);
            assertThat(sent.get(0).getCreated()).isTrue();
            assertThat(sent.get(0).getCanceled()).isFalse();
            assertThat(sent.get(0).getHeader().getRevision()).isEqualTo(6);
            assertThat(sent.get(1).getCanceled()).isTrue();
            assertThat(sent.get(1).getCreated()).isFalse();
            assertThat(sent.get(1).getCompactRevision()).isEqualTo(4);
            assertThat(sent.get(1).getHeader().getMemberId()).isEqualTo(FakeNode.SELF.value());
            assertThat(sent.get(1).getHeader().getRevision()).isZero();
            assertThat(sent.get(1).getCancelReason()).isEmpty();
        }

        @Test
        @DisplayName(
                "WA-4, CP-2, A6: a start at the floor itself still gets what happened there, deletes too (etcd#19179)")
        void theFloorItselfCanStillBeWatched() {
            bench.put("k", "2");
            bench.delete("k");
            bench.put("other", "4");
            bench.compact(3);
            bench.node.removeHistory();
            client.create(everything().setStartRevision(3));

            assertThat(texts(client.sent())).containsExactly("DELETE k@3", "PUT other@4");
        }

        @Test
        @DisplayName(
                "A6 (etcd#18089): what is compacted before the watch thread has looked is still told to who keeps up")
        void theTailIsNotCompactedAway() {
            client.create(everything().setPrevKv(true));
            client.sent();
            bench.put("k", "2");
            bench.delete("k");
            bench.put("k", "4");
            bench.delete("k");
            bench.compact(5);
            bench.node.removeHistory();

            assertThat(texts(client.sent())).containsExactly("PUT k@2", "DELETE k@3", "PUT k@4", "DELETE k@5");
            assertThat(bench.node.follower.neededFrom()).isEqualTo(6);
        }

        @Test
        @DisplayName("A6: history is held back for those that keep up only, and only until they have it")
        void historyIsNotHeldForEver() {
            assertThat(bench.node.follower.neededFrom()).isEqualTo(Long.MAX_VALUE);
            client.create(everything());
            client.sent();
            assertThat(bench.node.follower.neededFrom()).isEqualTo(2);
            client.hasRoomFor(0);
            bench.puts(10);
            bench.settle();
            assertThat(bench.node.follower.neededFrom())
                    .as("a slow client cannot hold up compaction")
                    .isEqualTo(Long.MAX_VALUE);
        }
    }

    @Nested
    class Bookmarks {
        @Test
        @DisplayName("WA-9 b: a progress request is answered with id -1 and the current revision when all are synced")
        void aProgressRequestIsAnswered() {
            bench.puts(3);
            client.create(key("a"));
            client.create(key("b").setStartRevision(2));
            client.sent();
            client.askProgress();

            assertThat(client.sent()).singleElement().satisfies(bookmark -> {
                assertThat(bookmark.getWatchId()).isEqualTo(-1);
                assertThat(bookmark.getHeader().getRevision()).isEqualTo(4);
                assertThat(bookmark.getEventsList()).isEmpty();
                assertThat(bookmark.getCanceled()).isFalse();
            });
        }

        @Test
        @DisplayName("WA-9 b: a stream without watchers gets no bookmark")
        void withoutWatchersThereIsNoBookmark() {
            client.askProgress();
            assertThat(client.sent()).isEmpty();
        }

        @Test
        @DisplayName("WA-9 b: a watcher that starts in the future must not be told an earlier revision")
        void noBookmarkBeforeTheStart() {
            client.create(key("k").setStartRevision(10));
            client.sent();
            client.askProgress();

            assertThat(client.sent()).isEmpty();
        }

        @Test
        @DisplayName(
                "WA-9 c, A8, G-11 (etcd#15220): no bookmark while one watcher of the stream still has events to get")
        void aBookmarkNeverOvertakesEvents() {
            client.create(key("k"));
            client.create(key("quiet"));
            client.sent();
            client.hasRoomFor(0);
            bench.put("k", "v");
            bench.settle();
            client.askProgress();
            assertThat(client.sent()).isEmpty();

            client.hasRoomFor(Integer.MAX_VALUE);
            bench.settle();
            client.askProgress();

            List<WatchResponse> sent = client.sent();
            assertThat(texts(sent.subList(0, 1))).containsExactly("PUT k@2");
            assertThat(sent.get(1).getWatchId()).isEqualTo(-1);
            assertThat(sent.get(1).getHeader().getRevision()).isEqualTo(2);
        }

        @Test
        @DisplayName("WA-9 a: who asked for it and hears nothing is told how far it is, once per interval")
        void quietWatchersGetBookmarks() {
            client.create(key("k").setProgressNotify(true));
            client.create(key("k"));
            bench.put("other", "v");
            client.sent();
            bench.pass(Duration.ofSeconds(11));

            assertThat(client.sent()).singleElement().satisfies(bookmark -> {
                assertThat(bookmark.getWatchId()).isZero();
                assertThat(bookmark.getHeader().getRevision()).isEqualTo(2);
                assertThat(bookmark.getEventsList()).isEmpty();
            });
            assertThat(client.sent()).isEmpty();

            bench.put("k", "v");
            client.sent();
            bench.pass(Duration.ofSeconds(11));
            assertThat(client.sent())
                    .as("it has heard of something in this interval")
                    .isEmpty();
            bench.pass(Duration.ofSeconds(11));
            assertThat(client.sent()).hasSize(1);
        }

        @Test
        @DisplayName("WA-9 a, A8: one that is behind gets no bookmark")
        void slowWatchersGetNoBookmark() {
            client.create(key("k").setProgressNotify(true));
            client.sent();
            client.hasRoomFor(0);
            bench.put("k", "v");
            bench.settle();
            bench.pass(Duration.ofSeconds(30));

            assertThat(client.sent()).isEmpty();
        }
    }

    @Nested
    class Members {
        @Test
        @DisplayName(
                "A9 (etcd#15271), N2: after a snapshot was installed a watch goes on without replay and without a hole")
        void aSnapshotChangesNothing() {
            client.create(everything());
            client.sent();
            bench.puts(3);
            assertThat(client.revisions()).containsExactly(2L, 3L, 4L);
            bench.node.cutOff();
            bench.puts(3);
            assertThat(client.revisions()).isEmpty();

            bench.node.installSnapshot(true).close();
            bench.puts(1);

            assertThat(client.revisions()).containsExactly(5L, 6L, 7L, 8L);
        }

        @Test
        @DisplayName("A9: a snapshot of a member that has removed what a watch still needs ends it as compacted, once")
        void aSnapshotMayLackWhatIsNeeded() {
            client.create(everything());
            client.create(everything().setStartRevision(100));
            bench.puts(3);
            client.sent();
            bench.node.cutOff();
            bench.puts(10);
            bench.compact(10);
            bench.node.installSnapshot(true).close();

            assertThat(client.sent()).singleElement().satisfies(end -> {
                assertThat(end.getWatchId()).isZero();
                assertThat(end.getCanceled()).isTrue();
                assertThat(end.getCompactRevision()).isEqualTo(10);
            });
            bench.put("k", "v");
            assertThat(client.sent()).isEmpty();
        }

        @Test
        @DisplayName("A9: a slow watch catches up from the store that a snapshot brought")
        void aSlowWatcherReadsTheNewStore() {
            client.create(everything());
            client.sent();
            client.hasRoomFor(0);
            bench.puts(3);
            bench.settle();
            bench.node.cutOff();
            bench.puts(3);
            bench.node.installSnapshot(false).close();
            client.hasRoomFor(Integer.MAX_VALUE);

            assertThat(client.revisions()).isEqualTo(revisions(2, 7));
        }

        @Test
        @DisplayName(
                "I8: while it is in doubt what this member holds, nothing is sent, and streams end when that lasts")
        void nothingIsToldInDoubt() {
            client.create(everything());
            client.sent();
            bench.node.isTrusted = false;
            bench.puts(1);
            client.create(key("k"));
            client.askProgress();
            assertThat(client.sent()).isEmpty();
            assertThat(client.output.end).isNull();

            bench.pass(Duration.ofSeconds(2));
            bench.settle();

            assertThat(client.output.end).isEqualTo(StreamEnd.IN_DOUBT);
            assertThat(client.sent()).isEmpty();
        }

        @Test
        @DisplayName("I8: a member that is vouched for goes on where it was")
        void aShortDoubtPasses() {
            client.create(everything());
            client.sent();
            bench.node.isTrusted = false;
            bench.puts(2);
            bench.settle();
            bench.pass(Duration.ofMillis(500));
            bench.node.isTrusted = true;

            assertThat(client.revisions()).containsExactly(2L, 3L);
        }

        @Test
        @DisplayName(
                "I8: when the state turned out to be wrong and was replaced, what was told may be wrong: all streams end")
        void aRepairEndsWatches() {
            client.create(everything());
            client.sent();
            bench.node.follower.repaired();
            bench.puts(1);

            assertThat(client.sent()).isEmpty();
            assertThat(client.output.end).isEqualTo(StreamEnd.IN_DOUBT);
            WatchBench.Client next = bench.client();
            next.create(everything());
            bench.settle();
            assertThat(next.output.end).isNull();
        }

        @Test
        @DisplayName("WA-13: a stream that asked for a leader ends when there is none for three election timeouts")
        void aLeaderMayBeAskedFor() {
            WatchBench.Client demanding = bench.new Client(true);
            client.create(everything());
            bench.settle();
            bench.node.leader = null;
            bench.settle();
            bench.pass(Duration.ofSeconds(2));
            bench.settle();
            assertThat(demanding.output.end).isNull();
            bench.node.leader = FakeNode.SELF;
            bench.settle();
            bench.node.leader = null;
            bench.settle();
            bench.pass(Duration.ofSeconds(2));
            bench.settle();
            assertThat(demanding.output.end).as("there was one in between").isNull();
            bench.pass(Duration.ofSeconds(1));
            bench.settle();

            assertThat(demanding.output.end).isEqualTo(StreamEnd.NO_LEADER);
            bench.puts(1);
            assertThat(client.revisions()).as("WA-14: others need no leader").containsExactly(2L);
        }

        @Test
        @DisplayName("pitfall 64: a client that goes leaves nothing behind")
        void aClosedStreamIsForgotten() {
            client.create(everything().setProgressNotify(true));
            client.create(key("k").setStartRevision(1));
            bench.settle();
            client.hasRoomFor(0);
            bench.puts(1);
            bench.settle();
            client.stream.closed();
            client.create(key("k"));
            bench.settle();
            bench.pass(Duration.ofMinutes(1));
            bench.settle();

            assertThat(gauge("etcd_debugging_mvcc_watcher_total")).isZero();
            assertThat(gauge("etcd_debugging_mvcc_watch_stream_total")).isZero();
            assertThat(gauge("etcd_debugging_mvcc_slow_watcher_total")).isZero();
            assertThat(gauge("axolotl_watch_unsent_bytes")).isZero();
            assertThat(bench.node.follower.neededFrom()).isEqualTo(Long.MAX_VALUE);
        }

        @Test
        @DisplayName("a server that stops sends its watches elsewhere, and later ones too")
        void theEndOfTheServerEndsAll() {
            client.create(everything());
            bench.settle();
            bench.hub.endAll();
            bench.settle();
            WatchBench.Client late = bench.client();
            bench.settle();

            assertThat(client.output.end).isEqualTo(StreamEnd.STOPPED);
            assertThat(late.output.end).isEqualTo(StreamEnd.STOPPED);
        }
    }

    private long gauge(String name) {
        return gauge(bench, name);
    }

    private static long gauge(WatchBench bench, String name) {
        return (Long)
                Objects.requireNonNull(bench.registry.getGauges().get(name)).getValue();
    }
}
