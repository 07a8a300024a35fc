package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("A listener hears of every call and every attempt, and can break none")
final class CallListenerTest {
    private final FakeEtcd first = FakeEtcd.start(1);
    private final FakeEtcd second = FakeEtcd.start(2);
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    @AfterEach
    void stop() {
        first.close();
        second.close();
    }

    private final class Recorder implements CallListener, CallListener.Call {
        @Override
        public Call started(String name) {
            heard.add("started " + name + " on " + Thread.currentThread().getName());
            return this;
        }

        @Override
        public void attemptStarted(int attempt, Endpoint endpoint) {
            heard.add(attempt + " at " + endpoint);
        }

        @Override
        public void attemptEnded(int attempt, Endpoint endpoint, ErrorCode code) {
            heard.add(attempt + " at " + endpoint + " " + code);
        }

        @Override
        public void ended(Outcome<?> outcome) {
            heard.add("ended " + outcome.getClass().getSimpleName());
            ended.countDown();
        }
    }

    private AxolotlClient client(CallListener listener) {
        return AxolotlClient.builder()
                .endpoints(first.endpoint(), second.endpoint())
                .exactlyOnce(ExactlyOnce.OFF)
                .maxRequestBytes(1_000)
                .listener(listener)
                .build();
    }

    private String begin(String call) {
        return "started " + call + " on " + Thread.currentThread().getName();
    }

    @Test
    void aCallIsHeardFromItsStartToItsOutcome() throws InterruptedException {
        first.onRange = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: leader changed");
        try (AxolotlClient client = client(new Recorder())) {
            client.kv().get("k").await();
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(heard)
                .containsExactly(
                        begin("get"),
                        "1 at " + first.endpoint(),
                        "1 at " + first.endpoint() + " UNAVAILABLE",
                        "2 at " + second.endpoint(),
                        "2 at " + second.endpoint() + " OK",
                        "ended Done");
    }

    @Test
    void whatIsNotSentHasNoAttempt() {
        try (AxolotlClient client = client(new Recorder())) {
            assertThatThrownBy(() -> client.kv().put("k", "v".repeat(1_001)).await())
                    .isInstanceOf(RequestTooLargeException.class);
        }
        assertThat(heard).containsExactly(begin("put"), "ended Refused");
    }

    @Test
    void aCallThatIsGivenUpEndsOnce() throws InterruptedException {
        first.onPut = FakeEtcd.never();
        second.onPut = FakeEtcd.never();
        try (AxolotlClient client = client(new Recorder())) {
            Pending<PutResult> put = client.kv().put("k", "v");
            while (first.puts.isEmpty() && second.puts.isEmpty()) {
                Thread.onSpinWait();
            }
            put.cancel(true);
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(heard).filteredOn(line -> line.startsWith("ended")).containsExactly("ended Unknown");
    }

    @Test
    void aListenerThatThrowsBreaksNoCall() {
        first.onRange = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: leader changed");
        CallListener.Call throwing = new CallListener.Call() {
            @Override
            public void attemptStarted(int attempt, Endpoint endpoint) {
                throw new IllegalStateException("planted");
            }

            @Override
            public void attemptEnded(int attempt, Endpoint endpoint, ErrorCode code) {
                throw new IllegalStateException("planted");
            }

            @Override
            public void ended(Outcome<?> outcome) {
                throw new IllegalStateException("planted");
            }
        };
        for (CallListener listener : List.<CallListener>of(name -> throwing, name -> {
            throw new IllegalStateException("planted");
        })) {
            try (AxolotlClient client = client(listener)) {
                assertThat(client.kv().get("k").await().header().memberId()).isEqualTo(2);
                client.kv().put("k", "v").await();
            }
        }
    }
}
