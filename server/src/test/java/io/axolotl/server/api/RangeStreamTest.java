package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static io.axolotl.server.api.Edge.range;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.RangeStreamResponse;
import io.axolotl.server.driver.NodeService.Failure;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** G-6: KV.RangeStream. */
class RangeStreamTest {
    private final Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    @Test
    @DisplayName("G-6: the pieces together are the unary answer; header, more and count come last")
    void piecesJoinToTheUnaryAnswer() {
        fill(100);
        for (RangeRequest request : List.of(
                range("k", "l").build(),
                range("k", "l").setLimit(25).build(),
                range("k", "l").setLimit(100).build(),
                range("k", "l").setLimit(1).build(),
                range("k", "l").setKeysOnly(true).build(),
                range("k", "l").setCountOnly(true).build(),
                range("k", "l").setRevision(20).build(),
                range("k", "l").setSerializable(true).build(),
                range("k", "l").setSortOrder(RangeRequest.SortOrder.ASCEND).build(),
                range("k005").build(),
                range("nothing").build(),
                range("l", "k").build())) {
            List<RangeResponse> pieces = stream(request);
            RangeResponse.Builder joined = RangeResponse.newBuilder();
            pieces.forEach(joined::mergeFrom);

            assertThat(joined.build()).as(request.toString()).isEqualTo(edge.kv.range(request));
            for (RangeResponse piece : pieces.subList(0, pieces.size() - 1)) {
                assertThat(piece.hasHeader()).isFalse();
                assertThat(piece.getMore()).isFalse();
                assertThat(piece.getCount()).isZero();
            }
        }
    }

    @Test
    @DisplayName("G-6: pieces begin with 10 keys and grow")
    void piecesGrow() {
        fill(100);
        assertThat(stream(range("k", "l").build()))
                .extracting(RangeResponse::getKvsCount)
                .containsExactly(10, 20, 40, 30);
    }

    @Test
    @DisplayName("G-6: pieces of large values shrink towards 1.5 MiB")
    void piecesOfLargeValuesAreSmall() {
        for (int i = 0; i < 30; i++) {
            edge.kv.put(PutRequest.newBuilder()
                    .setKey(bytes(String.format("k%03d", i)))
                    .setValue(ByteString.copyFrom(new byte[400_000]))
                    .build());
        }
        assertThat(stream(range("k", "l").build()))
                .extracting(RangeResponse::getKvsCount)
                .containsExactly(10, 3, 3, 3, 3, 3, 3, 2);
    }

    @Test
    @DisplayName("G-6: all pieces are of one revision, whatever is written meanwhile")
    void writesInTheMiddleAreNotSeen() {
        fill(30_000);
        Iterator<RangeStreamResponse> stream =
                edge.kv.rangeStream(range("k", "l").build());
        RangeResponse first = stream.next().getRangeResponse();
        edge.kv.put(put("k99999", "late"));
        edge.kv.deleteRange(io.axolotl.client.proto.DeleteRangeRequest.newBuilder()
                .setKey(bytes("k29999"))
                .build());

        RangeResponse.Builder joined = first.toBuilder();
        stream.forEachRemaining(piece -> joined.mergeFrom(piece.getRangeResponse()));

        assertThat(joined.getKvsCount()).isEqualTo(30_000);
        assertThat(joined.getCount()).isEqualTo(30_000);
        assertThat(joined.getHeader().getRevision()).isEqualTo(30_001);
        assertThat(joined.getKvs(29_999).getKey()).isEqualTo(bytes("k29999"));
    }

    @Test
    @DisplayName("G-6: custom sort and filters are unimplemented")
    void onlyKeyOrderIsStreamed() {
        List<RangeRequest.Builder> requests = List.of(
                range("k", "l").setSortOrder(RangeRequest.SortOrder.DESCEND),
                range("k", "l").setSortTarget(RangeRequest.SortTarget.MOD),
                range("k", "l").setMinModRevision(1),
                range("k", "l").setMaxModRevision(1),
                range("k", "l").setMinCreateRevision(1),
                range("k", "l").setMaxCreateRevision(1));
        for (RangeRequest.Builder request : requests) {
            assertRefused(EtcdError.STREAM_NEEDS_KEY_ORDER, () -> stream(request.build()));
        }
    }

    @Test
    void refusalsAreThoseOfTheUnaryCall() {
        fill(3);
        edge.kv.compact(CompactionRequest.newBuilder().setRevision(3).build());

        assertRefused(EtcdError.EMPTY_KEY, () -> stream(range("").build()));
        assertRefused(
                EtcdError.COMPACTED, () -> stream(range("k").setRevision(2).build()));
        assertRefused(
                EtcdError.FUTURE_REVISION,
                () -> stream(range("k").setRevision(9).build()));
        edge.node.barrierFailure = Failure.NO_LEADER;
        assertRefused(EtcdError.NO_LEADER, () -> stream(range("k").build()));
    }

    private void fill(int keys) {
        for (int i = 0; i < keys; i++) {
            String key = keys > 1000 ? String.format("k%05d", i) : String.format("k%03d", i);
            edge.node.propose(
                    Requests.command(put(key, "value")),
                    result -> assertThat(result).isNotNull());
        }
    }

    private List<RangeResponse> stream(RangeRequest request) {
        List<RangeResponse> pieces = new ArrayList<>();
        edge.kv.rangeStream(request).forEachRemaining(piece -> pieces.add(piece.getRangeResponse()));
        return pieces;
    }
}
