package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Hold;
import io.axolotl.client.KeptLease;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Locks and elections of our own client, on a server: who holds, who is next, and what a late holder can still do. */
@Timeout(60)
class ClientHoldTest {
    private static final Bytes NAME = Bytes.of("lock");

    private final Edge edge = new Edge();
    private final AxolotlClient client = AxolotlClient.builder()
            .endpoints("http://127.0.0.1:" + edge.address.getPort())
            .requestTimeout(Duration.ofSeconds(30))
            .build();

    @AfterEach
    void close() {
        client.close();
        edge.close();
    }

    private Pending<Hold> hold() {
        return client.coordination().hold(NAME, 60, KeptLease.Listener.NONE);
    }

    private boolean putUnder(Hold hold, String value) {
        return client.kv()
                .txn()
                .when(hold.guard())
                .then(Op.put("protected", value))
                .commit()
                .await()
                .succeeded();
    }

    @Test
    @DisplayName("LK-1: one after the other, and each with a larger token; who has let go can write no more")
    void holdersFollowEachOther() {
        Hold first = hold().await();
        Pending<Hold> waiting = hold();
        assertThat(putUnder(first, "1")).isTrue();
        assertThat(waiting).isNotDone();
        assertThat(first.left()).isPositive();
        first.close();
        Hold second = waiting.await();
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(first.left()).isZero();
        assertThat(putUnder(first, "late")).isFalse();
        assertThat(putUnder(second, "2")).isTrue();
        second.close();
    }

    @Test
    void whoGivesUpLeavesNothingBehind() {
        Hold first = hold().await();
        Pending<Hold> waiting = hold();
        Pending<Hold> last = hold();
        assertThat(waiting.cancel(true)).isTrue();
        first.close();
        last.await().close();
        while (!edge.node.store().leases().all().isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    @DisplayName("LE-3: whose lease is gone hears of it, and can write no more")
    void aLostLeaseIsTold() throws Exception {
        CompletableFuture<String> lost = new CompletableFuture<>();
        Hold hold = client.coordination()
                .hold(NAME, 2, new KeptLease.Listener() {
                    @Override
                    public void lost(String why) {
                        lost.complete(why);
                    }
                })
                .await();
        client.leases().revoke(hold.lease().id()).await();
        assertThat(putUnder(hold, "late")).isFalse();
        assertThat(lost.get(30, TimeUnit.SECONDS)).contains("gone");
        assertThat(hold.left()).isZero();
    }

    @Test
    @DisplayName("EL-1: a leader has a token too")
    void leadersFollowEachOther() {
        Hold first = client.coordination()
                .lead(Bytes.of("election"), 60, Bytes.of("a"), KeptLease.Listener.NONE)
                .await();
        Pending<Hold> waiting =
                client.coordination().lead(Bytes.of("election"), 60, Bytes.of("b"), KeptLease.Listener.NONE);
        assertThat(putUnder(first, "1")).isTrue();
        first.close();
        Hold second = waiting.await();
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(putUnder(first, "late")).isFalse();
        second.close();
    }
}
