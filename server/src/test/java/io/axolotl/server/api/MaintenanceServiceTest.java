package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.DefragmentRequest;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DowngradeRequest;
import io.axolotl.client.proto.DowngradeRequest.DowngradeAction;
import io.axolotl.client.proto.DowngradeResponse;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.HashKVResponse;
import io.axolotl.client.proto.HashRequest;
import io.axolotl.client.proto.HashResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MT-3, MT-4, MT-7 and MT-8 through the wire. */
class MaintenanceServiceTest {
    private final Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    private HashKVResponse hashKv(long revision) {
        return edge.maintenance.hashKV(
                HashKVRequest.newBuilder().setRevision(revision).build());
    }

    @Test
    @DisplayName("MT-4: HashKV tells etcd's hash, what it is of, and the current revision in the header")
    void hashKvIsEtcds() {
        edge.kv.put(put("a", "1"));
        edge.kv.put(put("a", "2"));
        edge.kv.put(put("b", "1"));
        edge.kv.deleteRange(DeleteRangeRequest.newBuilder().setKey(bytes("a")).build());

        HashKVResponse hash = hashKv(0);
        assertThat(hash.getHash()).isEqualTo(475587494);
        assertThat(hash.getCompactRevision()).isEqualTo(-1);
        assertThat(hash.getHashRevision()).isEqualTo(5);

        edge.kv.compact(CompactionRequest.newBuilder().setRevision(3).build());
        HashKVResponse older = hashKv(4);
        assertThat(older.getHeader().getRevision()).isEqualTo(5);
        assertThat(older.getHashRevision()).isEqualTo(4);
        assertThat(older.getCompactRevision()).isEqualTo(3);
    }

    @Test
    @DisplayName("MT-4, C.1: revisions that are compacted or to come are refused as a range would be")
    void hashKvRefusesRevisionsOutOfReach() {
        edge.kv.put(put("a", "1"));
        edge.kv.put(put("a", "2"));
        edge.kv.compact(CompactionRequest.newBuilder().setRevision(3).build());

        assertRefused(EtcdError.COMPACTED, () -> hashKv(2));
        assertRefused(EtcdError.FUTURE_REVISION, () -> hashKv(4));
        assertThat(hashKv(3).getHashRevision()).isEqualTo(3);
    }

    @Test
    @DisplayName("MT-4: Hash changes with the data, and not with asking")
    void hashIsOfTheData() {
        HashResponse empty = edge.maintenance.hash(HashRequest.getDefaultInstance());
        edge.kv.put(put("a", "1"));
        HashResponse full = edge.maintenance.hash(HashRequest.getDefaultInstance());

        assertThat(full.getHash()).isNotEqualTo(empty.getHash());
        assertThat(full.getHeader().getRevision()).isEqualTo(2);
        assertThat(edge.maintenance.hash(HashRequest.getDefaultInstance()).getHash())
                .isEqualTo(full.getHash());
    }

    @Test
    @DisplayName("MT-4: the hashes are answered while a snapshot replaces the store, and by a member that is in doubt")
    void hashesAreAnsweredWhenSomethingIsWrong() {
        edge.kv.put(put("a", "1"));
        int hash = hashKv(0).getHash();
        edge.node.isTrusted = false;
        edge.node.replaceStoreAtEveryLook();

        assertThat(hashKv(0).getHash()).isEqualTo(hash);
    }

    @Test
    @DisplayName("MT-3, HD-3: a defragmentation is answered, without a header, once what was compacted is gone")
    void defragmentationIsAnswered() {
        edge.kv.put(put("a", "1"));
        edge.kv.put(put("a", "2"));
        edge.kv.compact(CompactionRequest.newBuilder().setRevision(3).build());
        edge.node.removeHistory();

        assertThat(edge.maintenance
                        .defragment(DefragmentRequest.getDefaultInstance())
                        .hasHeader())
                .isFalse();
        assertThat(edge.kv.range(Edge.range("a").build()).getCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3", "x", "3.5.", "v3.5", "3.5.0.1", "3.5.x"})
    @DisplayName("MT-7: a target that is no version is told to be none")
    void downgradeNeedsAVersion(String version) {
        assertRefused(EtcdError.WRONG_DOWNGRADE_VERSION_FORMAT, () -> downgrade(DowngradeAction.VALIDATE, version));
        assertRefused(EtcdError.WRONG_DOWNGRADE_VERSION_FORMAT, () -> downgrade(DowngradeAction.ENABLE, version));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.5", "3.5.0", "3.6.0", "3.7", "2.3.8", "3.5.0-rc.1"})
    @DisplayName("MT-7: there is no version to go down to")
    void everyDowngradeIsRefused(String version) {
        assertRefused(EtcdError.INVALID_DOWNGRADE_TARGET_VERSION, () -> downgrade(DowngradeAction.VALIDATE, version));
        assertRefused(EtcdError.INVALID_DOWNGRADE_TARGET_VERSION, () -> downgrade(DowngradeAction.ENABLE, version));
    }

    @Test
    @DisplayName("MT-7: cancelling a downgrade that is not under way succeeds; an unknown action is an unknown method")
    void cancellingADowngradeSucceeds() {
        edge.kv.put(put("a", "1"));
        DowngradeResponse cancelled = downgrade(DowngradeAction.CANCEL, "");
        assertThat(cancelled.getVersion()).isEqualTo("3.6");
        assertThat(cancelled.getHeader().getRevision()).isEqualTo(2);
        assertRefused(
                EtcdError.UNKNOWN_METHOD,
                () -> edge.maintenance.downgrade(
                        DowngradeRequest.newBuilder().setActionValue(9).build()));
    }

    @Test
    @DisplayName("MT-8: a learner refuses hashes, defragmentation and alarms")
    void aLearnerRefuses() {
        edge.node.becomeLearner();
        assertRefused(EtcdError.NOT_FOR_LEARNER, () -> hashKv(0));
        assertRefused(
                EtcdError.NOT_FOR_LEARNER, () -> edge.maintenance.defragment(DefragmentRequest.getDefaultInstance()));
        assertRefused(EtcdError.NOT_FOR_LEARNER, () -> downgrade(DowngradeAction.CANCEL, ""));
    }

    private DowngradeResponse downgrade(DowngradeAction action, String version) {
        return edge.maintenance.downgrade(DowngradeRequest.newBuilder()
                .setAction(action)
                .setVersion(version)
                .build());
    }
}
