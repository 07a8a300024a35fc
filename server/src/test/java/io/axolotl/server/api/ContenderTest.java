package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.auth.SimpleTokens;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.13: what becomes of a contender's key when answers, reads, leases and callers come and go in a bad order. */
class ContenderTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final byte[] NAME = bytes("name");

    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();
    private final FakeNode node = new FakeNode(Edge.MAX_REQUEST_BYTES);
    private final ReadPool reads = new ReadPool("read", 1, (what, cause) -> fatal.add(what + ": " + cause));
    private final ConcurrentLinkedQueue<KeyFollower.Listener> waiters = new ConcurrentLinkedQueue<>();
    private final SimpleTokens tokens = new SimpleTokens(1, System::nanoTime);
    private final Recipes recipes = new Recipes(
            node, new Gate(node, new Quota(node, -1, System::nanoTime), tokens), reads, (key, end, from, listener) -> {
                waiters.add(listener);
                return new Silence();
            });

    /** One call, and what it was told. */
    private final class Call {
        private final CompletableFuture<String> end = new CompletableFuture<>();
        private final Contender contender;

        Call(Contender.Terms terms, long lease, String value) {
            contender = new Contender(recipes, terms, NAME, bytes(value), new Contender.Outcome() {
                @Override
                public void won(Contender.Won won) {
                    end.complete("won " + new String(won.key(), StandardCharsets.UTF_8));
                }

                @Override
                public void failed(String text) {
                    end.complete(text);
                }
            });
            contender.begin(lease);
        }

        void assertTold(String expected) {
            assertThat(end).succeedsWithin(PATIENCE).isEqualTo(expected);
        }
    }

    /** Nothing is heard of the keys that are followed unless a test says so. */
    private static final class Silence implements KeyFollower.Following {
        @Override
        public void becameReady() {}

        @Override
        public void close() {}
    }

    @BeforeEach
    void grant() {
        for (long lease = 1; lease <= 3; lease++) {
            propose(new Command.GrantLease(lease, 60));
        }
    }

    @AfterEach
    void close() {
        reads.close();
        node.close();
        assertThat(fatal).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void propose(Command command) {
        node.propose(command, result -> {});
    }

    private Call lock(long lease) {
        return new Call(Contender.Terms.LOCK, lease, "");
    }

    private Call campaign(long lease, String value) {
        return new Call(Contender.Terms.ELECTION, lease, value);
    }

    private List<String> keys() {
        if (node.store().range(RangeQuery.ofRange(bytes("name/"), bytes("name0"))) instanceof RangeAnswer.Found found) {
            return found.kvs().stream()
                    .map(kv -> new String(kv.key(), StandardCharsets.UTF_8))
                    .toList();
        }
        throw new AssertionError("the keys cannot be read");
    }

    /** Returns when every read that was asked for is done. */
    private void awaitReads() {
        CompletableFuture<Boolean> last = new CompletableFuture<>();
        assertThat(reads.offer(() -> last.complete(true))).isTrue();
        assertThat(last).succeedsWithin(PATIENCE);
    }

    /** Nothing is read until the latch is open. */
    private CountDownLatch holdReads() {
        CountDownLatch latch = new CountDownLatch(1);
        assertThat(reads.offer(() -> {
                    try {
                        latch.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError("interrupted while holding reads", e);
                    }
                }))
                .isTrue();
        return latch;
    }

    @Test
    @DisplayName("LK-3: a holder that asks again and is cancelled meanwhile still has its key")
    void cancelledSecondCallLeavesTheLockToItsHolder() {
        lock(1).assertTold("won name/1");
        node.holdsAnswers = true;
        Call again = lock(1);
        again.contender.cancel();
        node.holdsAnswers = false;
        node.releaseAnswer();
        assertThat(keys()).containsExactly("name/1");
        assertThat(again.end).isNotDone();
    }

    @Test
    @DisplayName("LK-3: a holder that asks again where too many reads wait is not robbed of its lock")
    void refusedReadsLeaveTheLockToItsHolder() {
        lock(1).assertTold("won name/1");
        reads.close();
        lock(1).assertTold("won name/1");
        assertThat(keys()).containsExactly("name/1");
    }

    @Test
    @DisplayName("LK-4: a leader that campaigns again and is cancelled before its new value is proclaimed still leads")
    void cancelledProclamationLeavesTheLeader() {
        campaign(1, "one").assertTold("won name/1");
        node.holdsAnswers = true;
        Call again = campaign(1, "two");
        node.releaseAnswer();
        node.holdsAnswers = false;
        again.contender.cancel();
        node.releaseAnswer();
        assertThat(keys()).containsExactly("name/1");
        assertThat(again.end).isNotDone();
    }

    @Test
    @DisplayName("LK-3: a call that is cancelled while its key is being written takes it with it")
    void cancelledEntryLeavesNothing() {
        lock(1).assertTold("won name/1");
        node.holdsAnswers = true;
        Call call = lock(2);
        call.contender.cancel();
        assertThat(keys()).containsExactly("name/1", "name/2");
        node.holdsAnswers = false;
        node.releaseAnswer();
        assertThat(keys()).containsExactly("name/1");
    }

    @Test
    @DisplayName("LK-2, LK-3: with a lease that nobody else can know it takes it with it also if it would have won")
    void cancelledEntryWithALeaseOfItsOwnLeavesNothing() {
        node.holdsAnswers = true;
        Call call = lock(0);
        node.releaseAnswer();
        call.contender.cancel();
        assertThat(keys()).hasSize(1);
        node.holdsAnswers = false;
        node.releaseAnswer();
        assertThat(keys()).isEmpty();
    }

    @Test
    @DisplayName("LK-3: a key that nobody was before may be that of a twin which was told that it holds: it stays")
    void cancelledMakerThatWasFirstLeavesTheLockToItsTwin() {
        node.holdsAnswers = true;
        Call maker = lock(1);
        maker.contender.cancel();
        node.holdsAnswers = false;
        Call finder = lock(1);
        finder.assertTold("won name/1");
        node.releaseAnswer();
        assertThat(keys()).containsExactly("name/1");
    }

    @Test
    @DisplayName("LK-3: of two calls that waited with one key, the one that made it leaves it to the one that was told")
    void cancelledMakerLeavesTheLockToItsTwin() {
        lock(1).assertTold("won name/1");
        Call maker = lock(2);
        Call finder = lock(2);
        awaitReads();
        propose(new Command.DeleteRange(bytes("name/1"), Recipes.NOTHING, false));
        waiters.remove();
        waiters.remove().lostTrack();
        finder.assertTold("won name/2");
        maker.contender.cancel();
        assertThat(keys()).containsExactly("name/2");
        assertThat(maker.end).isNotDone();
    }

    @Test
    @DisplayName("LK-3: a call that waits with a key that it has found takes it with it when it is cancelled")
    void cancelledWaiterTakesTheKeyItHasFound() {
        lock(1).assertTold("won name/1");
        propose(Recipes.put(bytes("name/2"), Recipes.NOTHING, 2));
        Call waiter = lock(2);
        awaitReads();
        waiter.contender.cancel();
        assertThat(keys()).containsExactly("name/1");
        assertThat(waiter.end).isNotDone();
    }

    @Test
    @DisplayName(
            "LK-3: of two calls that waited with one key, the one that fails leaves the lock to the one that was told")
    void failedTwinLeavesTheLockToItsHolder() {
        lock(1).assertTold("won name/1");
        Call maker = lock(2);
        Call finder = lock(2);
        awaitReads();
        propose(new Command.DeleteRange(bytes("name/1"), Recipes.NOTHING, false));
        waiters.remove().lostTrack();
        maker.assertTold("won name/2");
        node.barrierFailure = NodeService.Failure.TIMEOUT;
        waiters.remove().lostTrack();
        finder.assertTold(EtcdError.of(NodeService.Failure.TIMEOUT).text());
        assertThat(keys()).containsExactly("name/2");
    }

    @Test
    @DisplayName(
            "LK-3: of two calls that waited with one key, the one that is cancelled before it hears that it is their"
                    + " turn leaves the lock to the one that was told")
    void cancelledTwinLeavesTheLockToItsHolder() {
        lock(1).assertTold("won name/1");
        Call maker = lock(2);
        Call finder = lock(2);
        awaitReads();
        propose(new Command.DeleteRange(bytes("name/1"), Recipes.NOTHING, false));
        waiters.remove().lostTrack();
        maker.assertTold("won name/2");
        finder.contender.cancel();
        assertThat(keys()).containsExactly("name/2");
        assertThat(finder.end).isNotDone();
    }

    @Test
    @DisplayName("LK-1, LK-3: whose lease ends before it looks who is ahead has not won when the holder goes too")
    void expiredBeforeTheFirstLookHasNotWon() {
        lock(1).assertTold("won name/1");
        CountDownLatch latch = holdReads();
        Call late = lock(2);
        propose(new Command.RevokeLease(2));
        propose(new Command.DeleteRange(bytes("name/1"), Recipes.NOTHING, false));
        latch.countDown();
        late.assertTold("mutex: session is expired");
        lock(3).assertTold("won name/3");
    }

    @Test
    @DisplayName(
            "LK-4: a candidate whose lease ends before it looks who is ahead is not elected when the leader resigns")
    void expiredBeforeTheFirstLookIsNotElected() {
        campaign(1, "one").assertTold("won name/1");
        CountDownLatch latch = holdReads();
        Call late = campaign(2, "two");
        propose(new Command.RevokeLease(2));
        propose(new Command.DeleteRange(bytes("name/1"), Recipes.NOTHING, false));
        latch.countDown();
        late.assertTold("election: session is expired");
        campaign(3, "three").assertTold("won name/3");
    }

    @Test
    @DisplayName("LK-1: who finds on entering that nobody is ahead holds it since then, whatever is read later")
    void firstOnEnteringNeedsNoRead() {
        CountDownLatch latch = holdReads();
        lock(1).assertTold("won name/1");
        latch.countDown();
    }
}
