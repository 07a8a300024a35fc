package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchCreateRequest.FilterType;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class WatchRulesTest extends Asked {
    private WatchStream stream() {
        return new WatchStream(server());
    }

    /** Of all keys of the test. */
    private WatchCreateRequest.Builder watching() {
        return WatchCreateRequest.newBuilder().setKey(key("")).setRangeEnd(end());
    }

    private WatchCreateRequest.Builder watching(String suffix) {
        return WatchCreateRequest.newBuilder().setKey(key(suffix));
    }

    private List<String> suffixesOf(List<Event> events) {
        return suffixes(events.stream().map(Event::getKv).toList());
    }

    private static List<Long> revisions(List<Event> events) {
        return events.stream().map(event -> event.getKv().getModRevision()).toList();
    }

    @Test
    @Contract("WA-1")
    void creationIsAnsweredWithThePresentRevisionBeforeAnyEvent() {
        long first = put("a", "1");
        long now = put("b", "1");
        try (WatchStream stream = stream()) {
            WatchResponse created = stream.created(watching().setStartRevision(first));
            assertThat(created.getHeader().getRevision()).isEqualTo(now);
            assertThat(created.getHeader().getMemberId()).isNotZero();
            assertThat(suffixesOf(stream.events(created.getWatchId(), 2))).containsExactly("a", "b");
        }
    }

    @Test
    @Contract("WA-1")
    void emptyKeyIsTheFirstOfAll() {
        try (WatchStream stream = stream()) {
            long id = stream.created(WatchCreateRequest.newBuilder().setRangeEnd(NO_END))
                    .getWatchId();
            put("a", "1");
            assertThat(suffixesOf(stream.events(id, 1))).containsExactly("a");
        }
    }

    @Test
    @Contract("WA-2")
    void idsCountFromZeroOrAreGiven() {
        try (WatchStream stream = stream()) {
            assertThat(stream.created(watching("a")).getWatchId()).isZero();
            assertThat(stream.created(watching("a")).getWatchId()).isEqualTo(1);
            assertThat(stream.created(watching("a").setWatchId(3)).getWatchId()).isEqualTo(3);
            assertThat(stream.created(watching("a")).getWatchId()).isEqualTo(2);
            assertThat(stream.created(watching("a")).getWatchId()).isEqualTo(4);
        }
        try (WatchStream another = stream()) {
            assertThat(another.created(watching("a")).getWatchId()).isZero();
        }
    }

    @Test
    @Contract("WA-2")
    void idInUseAndEmptyRangeAreRefusedWithinTheStream() {
        try (WatchStream stream = stream()) {
            stream.created(watching("a").setWatchId(7));
            stream.create(watching("b").setWatchId(7));
            refusedWithin(stream, "mvcc: duplicate watch ID provided on the WatchStream");
            stream.create(watching("b").setRangeEnd(key("a")));
            refusedWithin(stream, "mvcc: watcher range is empty");
            // The stream and the first watcher go on.
            put("a", "1");
            assertThat(stream.events(7, 1)).hasSize(1);
        }
    }

    private static void refusedWithin(WatchStream stream, String reason) {
        WatchResponse refusal = stream.next();
        assertThat(refusal.getCreated()).isTrue();
        assertThat(refusal.getCanceled()).isTrue();
        assertThat(refusal.getWatchId()).isEqualTo(-1);
        assertThat(refusal.getCancelReason()).isEqualTo(reason);
    }

    @Test
    @Contract("WA-3")
    void startIsNowOrInTheHistoryOrInTheFuture() {
        long first = put("a", "1");
        long second = put("a", "2");
        try (WatchStream stream = stream()) {
            long now = stream.created(watching()).getWatchId();
            long history = stream.created(watching().setStartRevision(second)).getWatchId();
            assertThat(revisions(stream.events(history, 1))).containsExactly(second);
            long future =
                    stream.created(watching().setStartRevision(second + 2)).getWatchId();
            put("a", "3");
            put("a", "4");
            List<String> seen = new ArrayList<>();
            while (seen.size() < 5) {
                WatchResponse answer = stream.next();
                for (Event event : answer.getEventsList()) {
                    seen.add(answer.getWatchId() + " at " + (event.getKv().getModRevision() - first));
                }
            }
            assertThat(seen)
                    .containsExactlyInAnyOrder(
                            now + " at 2", now + " at 3", history + " at 2", history + " at 3", future + " at 3");
        }
    }

    @Test
    @Contract("WA-3")
    void negativeStartIsRefused() {
        compact(put("a", "1"));
        try (WatchStream stream = stream()) {
            stream.create(watching().setStartRevision(-1));
            if (differing(KnownDifference.NEGATIVE_WATCH_START, true, false)) {
                assertThat(stream.next().getCreated()).isTrue();
                assertThat(stream.next().getCanceled()).isTrue();
            } else {
                refusedWithin(stream, "mvcc: required revision has been compacted");
            }
        }
    }

    @Test
    @Contract("WA-4")
    void watchOfWhatIsCompactedIsCreatedAndThenCanceled() {
        long first = put("a", "1");
        long second = put("a", "2");
        compact(second);
        try (WatchStream stream = stream()) {
            WatchResponse created = stream.created(watching().setStartRevision(first));
            WatchResponse canceled = stream.next();
            assertThat(canceled.getWatchId()).isEqualTo(created.getWatchId());
            assertThat(canceled.getCanceled()).isTrue();
            assertThat(canceled.getCreated()).isFalse();
            assertThat(canceled.getCompactRevision()).isEqualTo(second);
            assertThat(canceled.getCancelReason()).isEmpty();
            assertThat(canceled.hasHeader()).isTrue();
            assertThat(canceled.getHeader().getRevision()).isZero();
            long whole = stream.created(watching().setStartRevision(second)).getWatchId();
            assertThat(revisions(stream.events(whole, 1))).containsExactly(second);
        }
    }

    @Test
    @Contract("WA-5")
    void canceledWatcherIsSilentAndUnknownOnesAreIgnored() {
        try (WatchStream stream = stream()) {
            long one = stream.created(watching()).getWatchId();
            long other = stream.created(watching()).getWatchId();
            stream.cancel(77);
            stream.send(WatchRequest.newBuilder());
            stream.cancel(one);
            WatchResponse canceled = stream.next();
            assertThat(canceled.getWatchId()).isEqualTo(one);
            assertThat(canceled.getCanceled()).isTrue();
            assertThat(canceled.getCompactRevision()).isZero();
            put("a", "1");
            put("a", "2");
            assertThat(stream.events(other, 2)).hasSize(2);
        }
    }

    @Test
    @Contract("WA-6")
    void eventsOfARevisionComeInOneMessageAndInOrder() {
        put("c", "0");
        try (WatchStream stream = stream()) {
            stream.created(watching());
            long revision = txn(TxnRequest.newBuilder()
                            .addSuccess(op(putting("b", "1")))
                            .addSuccess(op(deleting("c")))
                            .addSuccess(op(putting("a", "1"))))
                    .getHeader()
                    .getRevision();
            long deleted = delete(deleting()).getHeader().getRevision();
            WatchResponse first = stream.next();
            assertThat(suffixesOf(first.getEventsList())).startsWith("b", "c", "a");
            assertThat(first.getEventsList().subList(0, 3))
                    .extracting(Event::getType)
                    .containsExactly(Event.EventType.PUT, Event.EventType.DELETE, Event.EventType.PUT);
            assertThat(first.getHeader().getRevision()).isGreaterThanOrEqualTo(revision);
            List<Event> rest = new ArrayList<>(first.getEventsList().subList(3, first.getEventsCount()));
            if (rest.isEmpty()) {
                rest.addAll(stream.next().getEventsList());
            }
            assertThat(suffixesOf(rest)).containsExactly("a", "b");
            assertThat(revisions(rest)).containsOnly(deleted);
        }
    }

    @Test
    @Contract("MV-5")
    void deletionShowsKeyAndRevisionAlone() {
        put("a", "1");
        try (WatchStream stream = stream()) {
            long id = stream.created(watching()).getWatchId();
            long deleted = delete(deleting("a")).getHeader().getRevision();
            Event event = stream.events(id, 1).get(0);
            assertThat(event.getType()).isEqualTo(Event.EventType.DELETE);
            assertThat(event.getKv())
                    .isEqualTo(KeyValue.newBuilder()
                            .setKey(key("a"))
                            .setModRevision(deleted)
                            .build());
            assertThat(event.hasPrevKv()).isFalse();
        }
    }

    @Test
    @Contract("WA-7")
    void filtersDropPutsOrDeletes() {
        try (WatchStream stream = stream()) {
            long noPuts =
                    stream.created(watching().addFilters(FilterType.NOPUT)).getWatchId();
            put("a", "1");
            delete(deleting("a"));
            List<Event> events = stream.events(noPuts, 1);
            assertThat(events.get(0).getType()).isEqualTo(Event.EventType.DELETE);
            stream.cancel(noPuts);
            assertThat(stream.next().getCanceled()).isTrue();
            long noDeletes =
                    stream.created(watching().addFilters(FilterType.NODELETE)).getWatchId();
            put("b", "1");
            delete(deleting("b"));
            put("c", "1");
            assertThat(suffixesOf(stream.events(noDeletes, 2))).containsExactly("b", "c");
            long nothing = stream.created(
                            watching().addFilters(FilterType.NOPUT).addFilters(FilterType.NODELETE))
                    .getWatchId();
            put("d", "1");
            assertThat(suffixesOf(stream.events(noDeletes, 1))).containsExactly("d");
            assertThat(nothing).isNotEqualTo(noDeletes);
        }
    }

    @Test
    @Contract("WA-8")
    void previousKeyValueIsThatOfTheRevisionBefore() {
        put("a", "1");
        KeyValue before = get("a").getKvs(0);
        try (WatchStream stream = stream()) {
            long id = stream.created(watching().setPrevKv(true)).getWatchId();
            long second = put("a", "2");
            KeyValue changed = get("a").getKvs(0);
            delete(deleting("a"));
            put("a", "3");
            List<Event> events = stream.events(id, 3);
            assertThat(events.get(0).getPrevKv()).isEqualTo(before);
            assertThat(events.get(1).getPrevKv()).isEqualTo(changed);
            assertThat(events.get(2).hasPrevKv()).isFalse();
            compact(second);
            long late = stream.created(watching().setPrevKv(true).setStartRevision(second))
                    .getWatchId();
            List<Event> history = stream.events(late, 3);
            assertThat(history.get(0).hasPrevKv()).isFalse();
            assertThat(history.get(1).getPrevKv()).isEqualTo(changed);
        }
    }

    @Test
    @Contract("WA-9")
    void progressIsToldWhenAllWatchersAreThere() {
        try (WatchStream stream = stream()) {
            long id = stream.created(watching()).getWatchId();
            long now = put("a", "1");
            assertThat(stream.events(id, 1)).hasSize(1);
            stream.askForProgress();
            WatchResponse progress = stream.next();
            assertThat(progress.getWatchId()).isEqualTo(-1);
            assertThat(progress.getHeader().getRevision()).isEqualTo(now);
            assertThat(progress.getEventsList()).isEmpty();
            assertThat(progress.getCreated()).isFalse();
            assertThat(progress.getCanceled()).isFalse();
        }
    }

    @Test
    @Contract("WA-10")
    void longMessageIsSplitWhereAskedForAndPutTogetherAgain() {
        String mebibyte = "x".repeat(1 << 20);
        long first = put("a", mebibyte);
        put("b", mebibyte);
        put("c", mebibyte);
        try (WatchStream stream = stream()) {
            long id = stream.created(watching().setStartRevision(first).setFragment(true))
                    .getWatchId();
            List<Event> events = new ArrayList<>();
            List<Boolean> fragments = new ArrayList<>();
            while (events.size() < 3) {
                WatchResponse piece = stream.next();
                assertThat(piece.getWatchId()).isEqualTo(id);
                assertThat(piece.getSerializedSize()).isLessThan(3 << 20);
                events.addAll(piece.getEventsList());
                fragments.add(piece.getFragment());
            }
            assertThat(suffixesOf(events)).containsExactly("a", "b", "c");
            assertThat(fragments).hasSizeGreaterThan(1);
            assertThat(fragments.get(fragments.size() - 1)).isFalse();
        }
    }

    @Test
    @Contract("WA-13")
    void halfClosedStreamGoesOn() {
        try (WatchStream stream = stream()) {
            long id = stream.created(watching()).getWatchId();
            stream.halfClose();
            put("a", "1");
            assertThat(stream.events(id, 1)).hasSize(1);
            put("a", "2");
            assertThat(stream.events(id, 1)).hasSize(1);
        }
    }

    @Test
    @Contract("WA-15")
    void creationsAreAnsweredInTheOrderOfTheRequests() {
        long now = put("a", "1");
        try (WatchStream stream = stream()) {
            for (int id = 10; id < 30; id++) {
                stream.create(watching("none" + id).setWatchId(id).setStartRevision(id % 2 == 0 ? 0 : now));
            }
            for (int id = 10; id < 30; id++) {
                WatchResponse created = stream.next();
                assertThat(created.getCreated()).isTrue();
                assertThat(created.getWatchId()).isEqualTo(id);
                assertThat(created.getHeader().getRevision()).isEqualTo(now);
            }
        }
    }
}
