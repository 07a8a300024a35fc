package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrantResponse;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseKeepAliveResponse;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseRevokeResponse;
import io.axolotl.client.proto.LeaseStatus;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.LeaseTimeToLiveResponse;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.jepsen.process.Await;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class LeaseRulesTest extends Asked {
    private static final long LONG_SECONDS = 5_000;
    private static final long MAX_SECONDS = 9_000_000_000L;
    private static final long NONE = 0x7fff_0001;
    /** Not in use by any other test. */
    private static final AtomicLong IDS = new AtomicLong(0x7000_0000);

    private LeaseGrantResponse grant(long id, long seconds) {
        return server().lease()
                .leaseGrant(
                        LeaseGrantRequest.newBuilder().setID(id).setTTL(seconds).build());
    }

    private long lease() {
        return grant(IDS.incrementAndGet(), LONG_SECONDS).getID();
    }

    private LeaseRevokeResponse revoke(long id) {
        return server().lease()
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
    }

    private LeaseTimeToLiveResponse timeToLive(long id) {
        return server().lease()
                .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                        .setID(id)
                        .setKeys(true)
                        .build());
    }

    @Test
    @Contract("LE-1")
    void idIsGivenOrDrawn() {
        long id = IDS.incrementAndGet();
        LeaseGrantResponse given = grant(id, LONG_SECONDS);
        assertThat(given.getID()).isEqualTo(id);
        assertThat(given.getTTL()).isEqualTo(LONG_SECONDS);
        assertThat(given.getError()).isEmpty();
        LeaseGrantResponse drawn = grant(0, LONG_SECONDS);
        assertThat(drawn.getID()).isPositive();
        assertThat(grant(0, LONG_SECONDS).getID()).isNotEqualTo(drawn.getID()).isPositive();
    }

    @Test
    @Contract("LE-1")
    void shortTimesAreRaisedToTheFloor() {
        for (long seconds : new long[] {2, 1, 0, -5}) {
            LeaseGrantResponse granted = grant(IDS.incrementAndGet(), seconds);
            assertThat(granted.getTTL()).isEqualTo(2);
            revoke(granted.getID());
        }
        assertThat(grant(IDS.incrementAndGet(), 3).getTTL()).isEqualTo(3);
    }

    @Test
    @Contract(
            value = "LE-1",
            errors = {ContractError.LEASE_EXISTS, ContractError.LEASE_TTL_TOO_LARGE})
    void idInUseAndTooLongTimesAreRefused() {
        long id = lease();
        refused(ContractError.LEASE_EXISTS, () -> grant(id, LONG_SECONDS));
        assertThat(grant(IDS.incrementAndGet(), MAX_SECONDS).getTTL()).isEqualTo(MAX_SECONDS);
        refused(ContractError.LEASE_TTL_TOO_LARGE, () -> grant(IDS.incrementAndGet(), MAX_SECONDS + 1));
        // Of both troubles the time is told first.
        refused(ContractError.LEASE_TTL_TOO_LARGE, () -> grant(id, MAX_SECONDS + 1));
    }

    /** One stream of renewals. */
    private final class KeepAlive implements AutoCloseable {
        private final BlockingQueue<LeaseKeepAliveResponse> answers = new LinkedBlockingQueue<>();
        private final StreamObserver<LeaseKeepAliveRequest> requests;

        KeepAlive() {
            requests = LeaseGrpc.newStub(server().channel()).leaseKeepAlive(new StreamObserver<>() {
                @Override
                public void onNext(LeaseKeepAliveResponse answer) {
                    answers.add(answer);
                }

                @Override
                public void onError(Throwable end) {
                    // Whoever waits for an answer finds that none comes.
                }

                @Override
                public void onCompleted() {
                    // As above.
                }
            });
        }

        LeaseKeepAliveResponse renew(long id) throws InterruptedException {
            requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
            LeaseKeepAliveResponse answer = answers.poll(20, TimeUnit.SECONDS);
            assertThat(answer).isNotNull();
            return answer;
        }

        @Override
        public void close() {
            requests.onCompleted();
        }
    }

    @Test
    @Contract("LE-2")
    void renewalAnswersTheGrantedTimeAndZeroForWhatIsUnknown() throws Exception {
        long id = lease();
        try (KeepAlive stream = new KeepAlive()) {
            LeaseKeepAliveResponse renewed = stream.renew(id);
            assertThat(renewed.getID()).isEqualTo(id);
            assertThat(renewed.getTTL()).isEqualTo(LONG_SECONDS);
            assertThat(renewed.getHeader().getMemberId()).isNotZero();
            LeaseKeepAliveResponse unknown = stream.renew(NONE);
            assertThat(unknown.getID()).isEqualTo(NONE);
            assertThat(unknown.getTTL()).isZero();
            assertThat(stream.renew(id).getTTL()).isEqualTo(LONG_SECONDS);
            revoke(id);
            assertThat(stream.renew(id).getTTL()).isZero();
        }
    }

    @Test
    @Contract(value = "LE-3", errors = ContractError.LEASE_NOT_FOUND)
    void revocationDeletesItsKeysInOneRevision() {
        refused(ContractError.LEASE_NOT_FOUND, () -> revoke(NONE));
        long id = lease();
        for (String suffix : new String[] {"c", "a", "b"}) {
            put(putting(suffix, "1").setLease(id));
        }
        long before = put("kept", "1");
        assertThat(revoke(id).getHeader().getRevision()).isEqualTo(before + 1);
        assertThat(suffixes(range(ranging()).getKvsList())).containsExactly("kept");
        assertThat(suffixes(range(ranging().setRevision(before)).getKvsList())).containsExactly("a", "b", "c", "kept");
        assertThat(revision()).isEqualTo(before + 1);
        refused(ContractError.LEASE_NOT_FOUND, () -> revoke(id));
    }

    @Test
    @Contract("LE-3")
    void revocationWithoutKeysTakesNoRevision() {
        long before = put("a", "1");
        assertThat(revoke(lease()).getHeader().getRevision()).isEqualTo(before);
        assertThat(revision()).isEqualTo(before);
    }

    @Test
    @Contract("LE-4")
    void remainingTimeComesWithTheKeys() {
        long id = lease();
        put(putting("a", "1").setLease(id));
        put(putting("b", "1").setLease(id));
        LeaseTimeToLiveResponse left = timeToLive(id);
        assertThat(left.getID()).isEqualTo(id);
        assertThat(left.getGrantedTTL()).isEqualTo(LONG_SECONDS);
        assertThat(left.getTTL()).isBetween(LONG_SECONDS - 60, LONG_SECONDS);
        assertThat(left.getKeysList()).containsExactlyInAnyOrder(key("a"), key("b"));
        assertThat(server().lease()
                        .leaseTimeToLive(
                                LeaseTimeToLiveRequest.newBuilder().setID(id).build())
                        .getKeysList())
                .isEmpty();
    }

    @Test
    @Contract("LE-4")
    void unknownLeaseHasMinusOneSecondLeft() {
        LeaseTimeToLiveResponse unknown = timeToLive(NONE);
        assertThat(unknown.getID()).isEqualTo(NONE);
        assertThat(unknown.getTTL()).isEqualTo(-1);
        assertThat(unknown.getGrantedTTL()).isZero();
        assertThat(unknown.getKeysList()).isEmpty();
        assertThat(unknown.hasHeader()).isTrue();
    }

    @Test
    @Contract("LE-5")
    void leasesAreListed() {
        long one = lease();
        long other = lease();
        revoke(other);
        assertThat(server().lease()
                        .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                        .getLeasesList())
                .extracting(LeaseStatus::getID)
                .contains(one)
                .doesNotContain(other);
    }

    @Test
    @Contract("LE-6")
    void leaseExpiresNotBeforeItsTime() {
        long startNanos = System.nanoTime();
        long id = grant(IDS.incrementAndGet(), 2).getID();
        put(putting("a", "1").setLease(id));
        Await.fact("the key of a lease of 2 s to go", Duration.ofSeconds(30), () -> get("a").getCount() == 0);
        assertThat(System.nanoTime() - startNanos)
                .isGreaterThan(Duration.ofSeconds(2).toNanos());
        assertThat(timeToLive(id).getTTL()).isEqualTo(-1);
        refused(ContractError.LEASE_NOT_FOUND, () -> put(putting("a", "2").setLease(id)));
    }

    @Test
    @Contract({"PU-4", "LE-7"})
    void keyHangsOnTheLeaseOfItsLastPutAlone() {
        long one = lease();
        long other = lease();
        put(putting("a", "1").setLease(one));
        assertThat(get("a").getKvs(0).getLease()).isEqualTo(one);
        put(putting("a", "2").setLease(other));
        assertThat(timeToLive(one).getKeysList()).isEmpty();
        assertThat(timeToLive(other).getKeysList()).containsExactly(key("a"));
        put("a", "3");
        assertThat(get("a").getKvs(0).getLease()).isZero();
        assertThat(timeToLive(other).getKeysList()).isEmpty();
        revoke(one);
        revoke(other);
        assertThat(get("a").getCount()).isEqualTo(1);
    }

    @Test
    @Contract({"PU-3", "PU-5"})
    void keptLeaseStaysAndAKeptValueTakesTheNewLease() {
        long one = lease();
        long other = lease();
        put(putting("a", "1").setLease(one));
        put(putting("a", "2").setIgnoreLease(true));
        KeyValue kept = get("a").getKvs(0);
        assertThat(kept.getLease()).isEqualTo(one);
        assertThat(put(putting("a", "").setIgnoreValue(true).setLease(other).setPrevKv(true))
                        .getPrevKv())
                .isEqualTo(kept);
        assertThat(get("a").getKvs(0).getLease()).isEqualTo(other);
        put(putting("a", "").setIgnoreValue(true));
        assertThat(get("a").getKvs(0).getLease()).isZero();
        assertThat(values(get("a").getKvsList())).containsExactly("2");
    }

    @Test
    @Contract("DL-2")
    void deletedKeyLeavesItsLease() {
        long id = lease();
        put(putting("a", "1").setLease(id));
        assertThat(delete(deleting("a").setPrevKv(true)).getPrevKvs(0).getLease())
                .isEqualTo(id);
        assertThat(timeToLive(id).getKeysList()).isEmpty();
        long now = put("a", "2");
        revoke(id);
        assertThat(revision()).isEqualTo(now);
    }

    @Test
    @Contract("TX-2")
    void leaseIsCompared() {
        long id = lease();
        put(putting("a", "1").setLease(id));
        for (Compare.CompareResult result :
                new Compare.CompareResult[] {Compare.CompareResult.EQUAL, Compare.CompareResult.NOT_EQUAL}) {
            assertThat(txn(TxnRequest.newBuilder()
                                    .addCompare(comparing("a", result)
                                            .setTarget(Compare.CompareTarget.LEASE)
                                            .setLease(id)))
                            .getSucceeded())
                    .isEqualTo(result == Compare.CompareResult.EQUAL);
        }
    }
}
