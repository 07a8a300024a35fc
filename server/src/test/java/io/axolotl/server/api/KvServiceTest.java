package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static io.axolotl.server.api.Edge.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AlarmType;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.CompactionResponse;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.http.ClientPort;
import io.axolotl.server.http.HttpLimits;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Range, Put, DeleteRange and Compact over a real connection. */
class KvServiceTest {
    private final Edge edge = new Edge();
    private KVGrpc.KVBlockingStub kv;

    @BeforeEach
    void connect() {
        kv = edge.kv;
    }

    @AfterEach
    void close() {
        edge.close();
    }

    @Nested
    class Headers {
        @Test
        @DisplayName("HD-1: cluster, answering member and term are always filled")
        void everyHeaderNamesClusterMemberAndTerm() {
            ResponseHeader expected = ResponseHeader.newBuilder()
                    .setClusterId(FakeNode.CLUSTER_ID)
                    .setMemberId(FakeNode.SELF.value())
                    .setRaftTerm(FakeNode.TERM)
                    .setRevision(2)
                    .build();

            assertThat(kv.put(put("k", "v")).getHeader()).isEqualTo(expected);
            assertThat(kv.range(range("k").build()).getHeader()).isEqualTo(expected);
            assertThat(kv.deleteRange(delete("absent").build()).getHeader()).isEqualTo(expected);
            assertThat(kv.compact(CompactionRequest.newBuilder().setRevision(2).build())
                            .getHeader())
                    .isEqualTo(expected);
        }

        @Test
        @DisplayName("HD-2: a historical range carries the current revision")
        void aReadOfThePastCarriesThePresentRevision() {
            kv.put(put("k", "old"));
            kv.put(put("k", "new"));

            RangeResponse response = kv.range(range("k").setRevision(2).build());

            assertThat(response.getKvs(0).getValue()).isEqualTo(bytes("old"));
            assertThat(response.getHeader().getRevision()).isEqualTo(3);
        }

        @Test
        @DisplayName("MV-1: a fresh store is at revision 1")
        void anEmptyStoreAnswersRevisionOne() {
            assertThat(kv.range(range("k").build()).getHeader().getRevision()).isEqualTo(1);
        }
    }

    @Nested
    class Ranges {
        @Test
        @DisplayName("RG-1: empty key")
        void anEmptyKeyIsRefused() {
            assertRefused(EtcdError.EMPTY_KEY, () -> kv.range(range("").build()));
        }

        @Test
        @DisplayName("RG-11: the key is checked before the sort option, and both before any barrier")
        void theFirstBrokenRuleIsTheOneThatIsTold() {
            RangeRequest.Builder unknownSort = RangeRequest.newBuilder().setSortOrderValue(9);

            assertRefused(EtcdError.EMPTY_KEY, () -> kv.range(unknownSort.build()));
            assertRefused(
                    EtcdError.INVALID_SORT_OPTION,
                    () -> kv.range(unknownSort.setKey(bytes("k")).build()));
            assertRefused(
                    EtcdError.INVALID_SORT_OPTION,
                    () -> kv.range(range("k").setSortTargetValue(5).build()));
            assertThat(edge.node.barriers).hasValue(0);
        }

        @Test
        @DisplayName("RG-3, RG-5, RG-6: limit, more, count, keys_only, count_only reach the store and come back")
        void allOptionsTravelBothWays() {
            for (int i = 0; i < 5; i++) {
                kv.put(put("k" + i, "v" + i));
            }

            RangeResponse limited = kv.range(range("k", "l").setLimit(2).build());
            assertThat(limited.getKvsList()).extracting(KeyValue::getKey).containsExactly(bytes("k0"), bytes("k1"));
            assertThat(limited.getMore()).isTrue();
            assertThat(limited.getCount()).isEqualTo(5);

            RangeResponse newest = kv.range(range("k", "l")
                    .setLimit(1)
                    .setSortTarget(RangeRequest.SortTarget.MOD)
                    .setSortOrder(RangeRequest.SortOrder.DESCEND)
                    .setKeysOnly(true)
                    .build());
            assertThat(newest.getKvs(0))
                    .isEqualTo(KeyValue.newBuilder()
                            .setKey(bytes("k4"))
                            .setCreateRevision(6)
                            .setModRevision(6)
                            .setVersion(1)
                            .build());

            RangeResponse counted = kv.range(range("k", "l").setCountOnly(true).build());
            assertThat(counted.getKvsList()).isEmpty();
            assertThat(counted.getCount()).isEqualTo(5);

            RangeResponse filtered = kv.range(range("k", "l")
                    .setMinModRevision(3)
                    .setMaxModRevision(5)
                    .setMinCreateRevision(4)
                    .setMaxCreateRevision(4)
                    .build());
            assertThat(filtered.getKvsList()).extracting(KeyValue::getKey).containsExactly(bytes("k2"));
        }

        @Test
        @DisplayName("RG-9: future and compacted revisions")
        void revisionsOutsideTheHistoryAreRefused() {
            kv.put(put("k", "1"));
            kv.put(put("k", "2"));
            kv.compact(CompactionRequest.newBuilder().setRevision(3).build());

            assertRefused(
                    EtcdError.FUTURE_REVISION,
                    () -> kv.range(range("k").setRevision(4).build()));
            assertRefused(
                    EtcdError.COMPACTED,
                    () -> kv.range(range("k").setRevision(2).build()));
            assertThat(kv.range(range("k").setRevision(3).build()).getCount()).isEqualTo(1);
        }

        @Test
        @DisplayName("RG-10: a linearizable range waits for a barrier, a serializable one never does")
        void onlyLinearizableRangesNeedABarrier() {
            edge.node.barrierFailure = Failure.TIMEOUT;

            assertRefused(EtcdError.TIMEOUT, () -> kv.range(range("k").build()));
            assertThat(kv.range(range("k").setSerializable(true).build()).getCount())
                    .isZero();
            assertThat(kv.range(range("k", "l").setSerializable(true).build()).getCount())
                    .isZero();
            assertThat(edge.node.barriers).hasValue(1);
        }

        @ParameterizedTest
        @EnumSource(Failure.class)
        @DisplayName("C.1: how a barrier failed is told in etcd's words")
        void aFailedBarrierFailsTheRead(Failure failure) {
            edge.node.barrierFailure = failure;
            assertRefused(EtcdError.of(failure), () -> kv.range(range("k").build()));
        }

        @Test
        void aStoreThatIsReplacedWhileItIsReadIsReadAgain() {
            kv.put(put("k", "v"));
            KvStateMachine closed = edge.node.replaceStore();
            closed.close();
            AtomicBoolean isReplaced = new AtomicBoolean();
            StoreReader reader = new StoreReader(() -> isReplaced.getAndSet(true) ? edge.node.store() : closed);

            assertThat(readRevision(reader)).isEqualTo(1);
        }

        @Test
        @DisplayName(
                "B9: what was read of a state that was doubted, replaced and trusted again meanwhile is not answered")
        void aStoreThatIsRepairedWhileItIsReadIsReadAgain() throws RequestRefused {
            StoreReader reader = new StoreReader(edge.node::store, edge.node::isTrusted);
            List<KvStateMachine> readings = new ArrayList<>();
            KvStateMachine answered = reader.read(store -> {
                readings.add(store);
                if (readings.size() == 1) {
                    edge.node.isTrusted = false;
                    edge.node.replaceStore();
                    edge.node.isTrusted = true;
                }
                return store;
            });
            assertThat(readings).hasSize(2);
            assertThat(answered).isSameAs(edge.node.store()).isNotSameAs(readings.get(0));
        }

        @Test
        @DisplayName("B9: a state in doubt is not even read")
        void aStoreInDoubtIsNotRead() {
            edge.node.isTrusted = false;
            StoreReader reader = new StoreReader(edge.node::store, edge.node::isTrusted);
            assertThatThrownBy(() -> reader.read(store -> {
                        throw new AssertionError("it was read");
                    }))
                    .isInstanceOfSatisfying(
                            RequestRefused.class, e -> assertThat(e.error()).isEqualTo(EtcdError.QUARANTINED));
            assertRefused(
                    EtcdError.QUARANTINED,
                    () -> kv.range(range("k").setSerializable(true).build()));
        }

        @Test
        void aReadAfterTheLastStoreIsClosedSaysThatTheServerStops() {
            edge.node.store().close();
            assertRefused(EtcdError.STOPPED, () -> kv.range(range("k").build()));
        }
    }

    @Nested
    class Puts {
        @Test
        @DisplayName("PU-1: key, then value, then lease")
        void staticRulesAreCheckedInOrder() {
            PutRequest.Builder all = PutRequest.newBuilder()
                    .setIgnoreValue(true)
                    .setValue(bytes("v"))
                    .setIgnoreLease(true)
                    .setLease(5);

            assertRefused(EtcdError.EMPTY_KEY, () -> kv.put(all.build()));
            assertRefused(
                    EtcdError.VALUE_PROVIDED,
                    () -> kv.put(all.setKey(bytes("k")).build()));
            assertRefused(
                    EtcdError.LEASE_PROVIDED, () -> kv.put(all.clearValue().build()));
            assertThat(edge.node.proposals).hasValue(0);
        }

        @Test
        @DisplayName("PU-2, PU-3: refusals by the state machine")
        void whatOnlyTheStoreKnowsIsRefusedByTheStore() {
            assertRefused(
                    EtcdError.LEASE_NOT_FOUND,
                    () -> kv.put(put("k", "v").toBuilder().setLease(99).build()));
            assertRefused(
                    EtcdError.KEY_NOT_FOUND,
                    () -> kv.put(PutRequest.newBuilder()
                            .setKey(bytes("k"))
                            .setIgnoreValue(true)
                            .build()));
        }

        @Test
        @DisplayName("PU-5: prev_kv is absent when there was none, and whole when there was one")
        void theVersionBeforeIsGivenBack() {
            PutResponse first = kv.put(put("k", "1").toBuilder().setPrevKv(true).build());
            PutResponse second =
                    kv.put(put("k", "2").toBuilder().setPrevKv(true).build());

            assertThat(first.hasPrevKv()).isFalse();
            assertThat(second.getPrevKv())
                    .isEqualTo(KeyValue.newBuilder()
                            .setKey(bytes("k"))
                            .setValue(bytes("1"))
                            .setCreateRevision(2)
                            .setModRevision(2)
                            .setVersion(1)
                            .build());
            assertThat(kv.put(put("k", "3")).hasPrevKv()).isFalse();
        }

        @Test
        @DisplayName("D: the largest request passes, one byte more is refused by us and not by grpc")
        void theLimitIsOnTheEncodedCommand() {
            int overhead = CommandCodec.encode(
                                    new RequestId(1, 1),
                                    new Command.Put(new byte[] {'k'}, new byte[1 << 20], 0, false, false, false))
                            .length
                    - (1 << 20);
            int largest = Edge.MAX_REQUEST_BYTES - overhead;
            PutRequest.Builder request = PutRequest.newBuilder().setKey(bytes("k"));

            assertThat(kv.put(request.setValue(ByteString.copyFrom(new byte[largest]))
                                    .build())
                            .getHeader()
                            .getRevision())
                    .isEqualTo(2);
            assertRefused(
                    EtcdError.REQUEST_TOO_LARGE,
                    () -> kv.put(request.setValue(ByteString.copyFrom(new byte[largest + 1]))
                            .build()));
        }

        @Test
        @DisplayName("D: above max-request-bytes + 512 KiB grpc refuses by itself")
        void messagesFarTooLargeAreCutOff() {
            PutRequest request = PutRequest.newBuilder()
                    .setKey(bytes("k"))
                    .setValue(ByteString.copyFrom(new byte[Edge.MAX_REQUEST_BYTES + 512 * 1024]))
                    .build();
            assertThat(codeOf(() -> kv.put(request))).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        }

        @Test
        @DisplayName("QU-1: a put that would reach the quota is refused; reads and deletes are not")
        void theQuotaStopsWhatAddsData() {
            try (Edge small = new Edge(64 * 1024, HttpLimits.DEFAULT, ClientPort.Settings.PERMIT_KEEP_ALIVE)) {
                PutRequest large = PutRequest.newBuilder()
                        .setKey(bytes("k"))
                        .setValue(ByteString.copyFrom(new byte[64 * 1024 - 256]))
                        .build();
                assertRefused(EtcdError.NO_SPACE, () -> small.kv.put(large));
                assertThat(small.node.store().revision()).isEqualTo(1);
                assertThat(small.node.proposals).as("the alarm alone").hasValue(1);
                assertRefused(EtcdError.NO_SPACE, () -> small.kv.put(put("k", "small")));
                small.maintenance.alarm(AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                        .setMemberID(FakeNode.SELF.value())
                        .setAlarm(AlarmType.NOSPACE)
                        .build());
                small.kv.put(put("k", "small"));
                assertThat(small.kv.deleteRange(delete("k").build()).getDeleted())
                        .isEqualTo(1);
            }
        }
    }

    @Nested
    class Outcomes {
        @ParameterizedTest
        @EnumSource(Failure.class)
        @DisplayName("C.3: refused and unknown are told apart by code")
        void outcomesBecomeCodes(Failure failure) {
            edge.node.outcome = new ProposalResult.Refused(failure);
            assertRefused(EtcdError.of(failure), () -> kv.put(put("k", "v")));
            assertRefused(
                    EtcdError.of(failure), () -> kv.deleteRange(delete("k").build()));
            edge.node.outcome = new ProposalResult.Unknown(failure);
            assertRefused(EtcdError.ofUnknown(failure), () -> kv.put(put("k", "v")));
            assertRefused(
                    EtcdError.ofUnknown(failure),
                    () -> kv.compact(
                            CompactionRequest.newBuilder().setRevision(1).build()));
        }

        @Test
        @DisplayName("C.2: hasleader fails the call when no leader is known, and only then")
        void callsThatAskForALeaderFailWithoutOne() {
            Metadata metadata = new Metadata();
            metadata.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
            KVGrpc.KVBlockingStub asking = kv.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));

            asking.put(put("k", "v"));
            edge.node.leader = null;

            assertRefused(EtcdError.NO_LEADER, () -> asking.put(put("k", "v")));
            kv.put(put("k", "v"));
            assertThat(edge.node.proposals).hasValue(2);
        }

        @Test
        @DisplayName("C.2: grpc-timeout is honoured")
        void theCallersDeadlineEndsTheCall() {
            assertThat(codeOf(() -> kv.withDeadlineAfter(-1, TimeUnit.SECONDS).put(put("k", "v"))))
                    .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        }
    }

    @Nested
    class Deletes {
        @Test
        @DisplayName("DL-1, DL-2: counts, and gives back in key order what it removed")
        void removedKeysAreCountedAndGivenBack() {
            kv.put(put("b", "2"));
            kv.put(put("a", "1"));

            DeleteRangeResponse response = kv.deleteRange(
                    delete("a").setRangeEnd(bytes("c")).setPrevKv(true).build());

            assertThat(response.getDeleted()).isEqualTo(2);
            assertThat(response.getPrevKvsList()).extracting(KeyValue::getKey).containsExactly(bytes("a"), bytes("b"));
            assertThat(response.getHeader().getRevision()).isEqualTo(4);
            assertRefused(EtcdError.EMPTY_KEY, () -> kv.deleteRange(delete("").build()));
        }
    }

    @Nested
    class Compactions {
        @Test
        @DisplayName("CP-1: compacted and future revisions")
        void compactionMovesForwardWithinTheHistory() {
            kv.put(put("k", "1"));
            kv.compact(CompactionRequest.newBuilder().setRevision(2).build());

            assertRefused(
                    EtcdError.COMPACTED,
                    () -> kv.compact(
                            CompactionRequest.newBuilder().setRevision(2).build()));
            assertRefused(
                    EtcdError.FUTURE_REVISION,
                    () -> kv.compact(
                            CompactionRequest.newBuilder().setRevision(3).build()));
        }

        @Test
        @DisplayName("CP-3: a physical compaction is answered after the removal, another one before")
        void aPhysicalCompactionWaitsForTheRemoval() throws Exception {
            fill();
            Future<CompactionResponse> physical = compactPhysically();
            kv.compact(CompactionRequest.newBuilder().setRevision(5).build());
            assertThat(physical.isDone()).isFalse();

            edge.node.removeHistory();
            assertThat(physical.get(30, TimeUnit.SECONDS).getHeader().getRevision())
                    .isEqualTo(5);
        }

        @Test
        @DisplayName("CP-3: and after that of the store that a snapshot has brought meanwhile")
        void aPhysicalCompactionFollowsTheStore() throws Exception {
            fill();
            Future<CompactionResponse> physical = compactPhysically();
            edge.node.replaceStore().close();
            fill();
            kv.compact(CompactionRequest.newBuilder().setRevision(4).build());
            assertThat(physical.isDone()).isFalse();

            edge.node.removeHistory();
            assertThat(physical.get(30, TimeUnit.SECONDS).getHeader().getRevision())
                    .isEqualTo(5);
        }

        @Test
        @DisplayName("CP-3: the request timeout bounds the wait")
        void aRemovalThatDoesNotComeIsATimeout() {
            try (Edge hasty = new Edge(
                    new ApiLimits(Edge.MAX_TXN_OPS, -1, Duration.ofMillis(10), 1 << 20, 1 << 20),
                    HttpLimits.DEFAULT,
                    Duration.ofSeconds(5))) {
                hasty.kv.put(put("k", "1"));
                hasty.kv.put(put("k", "2"));
                assertRefused(
                        EtcdError.TIMEOUT,
                        () -> hasty.kv.compact(CompactionRequest.newBuilder()
                                .setRevision(3)
                                .setPhysical(true)
                                .build()));
            }
        }

        private void fill() {
            for (int i = 0; i < 4; i++) {
                kv.put(put("k", "v" + i));
            }
        }

        /** Returns once the compaction is applied. */
        private Future<CompactionResponse> compactPhysically() {
            int before = edge.node.proposals.get();
            Future<CompactionResponse> answer = KVGrpc.newFutureStub(edge.channel)
                    .compact(CompactionRequest.newBuilder()
                            .setRevision(4)
                            .setPhysical(true)
                            .build());
            while (edge.node.store().compactRevision() != 4) {
                assertThat(edge.node.proposals.get()).isBetween(before, before + 1);
                Thread.onSpinWait();
            }
            return answer;
        }
    }

    private static long readRevision(StoreReader reader) {
        try {
            return ((RangeAnswer.Found) reader.read(s -> s.range(RangeQuery.ofKey(new byte[1])))).revision();
        } catch (RequestRefused e) {
            throw new AssertionError(e);
        }
    }

    private static DeleteRangeRequest.Builder delete(String key) {
        return DeleteRangeRequest.newBuilder().setKey(bytes(key));
    }

    private static Status.Code codeOf(Runnable call) {
        try {
            call.run();
            return Status.Code.OK;
        } catch (io.grpc.StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }
}
