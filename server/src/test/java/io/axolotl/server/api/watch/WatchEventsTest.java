package io.axolotl.server.api.watch;

import static io.axolotl.server.api.watch.WatchBench.bytes;
import static io.axolotl.server.api.watch.WatchBench.everything;
import static io.axolotl.server.api.watch.WatchBench.key;
import static io.axolotl.server.api.watch.WatchBench.revisions;
import static io.axolotl.server.api.watch.WatchBench.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a watch is told of, and in which pieces (WA-3 to WA-10). */
class WatchEventsTest {
    private final WatchBench bench = new WatchBench();
    private final WatchBench.Client client = bench.client();

    @AfterEach
    void close() {
        bench.close();
    }

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
    @DisplayName("WA-10: who asked for it gets a large revision in pieces, all but the last marked; nobody else does")
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
