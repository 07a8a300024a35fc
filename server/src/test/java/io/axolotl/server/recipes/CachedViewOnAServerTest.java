package io.axolotl.server.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.ClusterUnreachableException;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.recipes.CachedView;
import io.axolotl.client.recipes.CachedViewOptions;
import io.axolotl.client.recipes.ViewBehindException;
import io.axolotl.server.api.Edge;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A prefix in memory, beside the server that has it. */
@Timeout(60)
class CachedViewOnAServerTest {
    private static final CachedViewOptions OPTIONS = CachedViewOptions.DEFAULT
            .withPageKeys(3)
            .withProofInterval(Duration.ofMillis(20))
            .withMaxAge(Duration.ofSeconds(30));

    private final Edge edge = new Edge();
    private final AxolotlClient client = AxolotlClient.builder()
            .endpoints("http://127.0.0.1:" + edge.address.getPort())
            .requestTimeout(Duration.ofSeconds(5))
            .build();

    @AfterEach
    void close() {
        client.close();
        edge.close();
    }

    private CachedView open() {
        return CachedView.open(client, Bytes.of("a/"), OPTIONS).await();
    }

    private static List<String> texts(CachedView view) {
        return view.snapshot().entries().values().stream()
                .map(kv -> kv.key() + "=" + kv.value())
                .toList();
    }

    @Test
    @DisplayName("it has everything, page by page, and follows: own writes are there once their revision is")
    void itIsWhatTheServerHas() {
        for (int i = 0; i < 8; i++) {
            client.kv().put("a/" + i, "v" + i).await();
        }
        client.kv().put("b", "not its business").await();
        try (CachedView view = open()) {
            assertThat(texts(view)).hasSize(8).first().isEqualTo("a/0=v0");
            long revision = client.kv()
                    .txn()
                    .then(Op.put("a/0", "new"), Op.delete("a/1"), Op.put("a/9", "more"))
                    .commit()
                    .await()
                    .header()
                    .revision();
            view.atLeast(revision).await();
            assertThat(view.get(Bytes.of("a/0")).orElseThrow().value().utf8()).isEqualTo("new");
            assertThat(view.get(Bytes.of("a/1"))).isEmpty();
            assertThat(texts(view)).hasSize(8).last().isEqualTo("a/9=more");
        }
    }

    @Test
    @DisplayName("WA-9: what is written elsewhere proves that nothing was written here")
    void progressProvesThatNothingHasChanged() {
        try (CachedView view = open()) {
            long revision = client.kv().put("b", "elsewhere").await().header().revision();
            assertThat(view.atLeast(revision).await().revision()).isGreaterThanOrEqualTo(revision);
            while (view.freshness().age().compareTo(Duration.ofMillis(15)) > 0) {
                client.kv().put("b", "again").await();
            }
            assertThat(view.freshness().isBehind()).isFalse();
        }
    }

    @Test
    void whatIsClosedAnswersNoMore() {
        CachedView view = open();
        Pending<CachedView.Freshness> waiting = view.atLeast(1_000_000);
        Pending<CachedView.Freshness> givenUp = view.atLeast(1_000_000);
        assertThat(givenUp.cancel(true)).isTrue();
        view.close();
        assertThatThrownBy(waiting::await).isInstanceOf(ViewBehindException.class);
        assertThatThrownBy(() -> view.get(Bytes.of("a/0"))).isInstanceOf(ViewBehindException.class);
        assertThatThrownBy(() -> view.atLeast(1_000_000).await()).isInstanceOf(ViewBehindException.class);
        assertThat(view.freshness().trouble()).contains("the view is closed");
    }

    @Test
    void aViewThatCannotBeLoadedIsNotOpened() {
        try (AxolotlClient lost = AxolotlClient.builder()
                .endpoints("http://127.0.0.1:1")
                .requestTimeout(Duration.ofMillis(300))
                .build()) {
            assertThatThrownBy(
                            () -> CachedView.open(lost, Bytes.of("a/"), OPTIONS).await())
                    .isInstanceOf(ClusterUnreachableException.class);
        }
    }
}
