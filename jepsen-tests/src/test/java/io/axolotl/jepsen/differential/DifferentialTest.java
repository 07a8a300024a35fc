package io.axolotl.jepsen.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Message;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.jepsen.process.Target;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same random calls on etcd and on Axolotl; {@code ./axolotl differential} makes more of them. */
@ExtendWith(BothServers.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DifferentialTest {
    private static final Set<Feature> FEATURES = Feature.SERVED;

    @BeforeEach
    void needsEtcd() {
        assumeTrue(Target.ETCD.isInstalled(), "etcd is not installed (Debian: apt-get install etcd-server)");
    }

    private static Side side(TwoServers servers, Target target) {
        return new RemoteSide(target.name(), servers.endpoint(target), FEATURES);
    }

    @Test
    @DisplayName("B.1 to B.6: every answer and every error of random calls is etcd's")
    void randomCallsGetTheSameAnswers(TwoServers servers) {
        Differential differential =
                new Differential(side(servers, Target.ETCD), side(servers, Target.AXOLOTL), FEATURES);
        differential.run(1, 500, System.out::println);
        long fresh = System.currentTimeMillis();
        differential.run(fresh, 1_200, System.out::println);
        assertThat(differential.differences())
                .as("with the seeds 1 and %d", fresh)
                .isEmpty();
        assertThat(differential.counts().keySet())
                .as("a comparison that never meets a refusal compares little")
                .contains(
                        "Range of the past refused: etcdserver: mvcc: required revision has been compacted",
                        "Put refused: etcdserver: key not found",
                        "Txn, nested",
                        "Put with a lease",
                        "Watch from a revision",
                        "AskProgress",
                        "Txn refused: etcdserver: duplicate key given in txn request",
                        "Compact refused: etcdserver: mvcc: required revision is a future revision");
    }

    /** A server, but for one field of some answers. */
    private record Liar(Side honest, UnaryOperator<Message> lie) implements Side {
        @Override
        public String name() {
            return "liar";
        }

        @Override
        public void begin() {
            honest.begin();
        }

        @Override
        public <Q extends Message, A extends Message> CompletableFuture<Answer> call(Call<Q, A> call) {
            return honest.call(call)
                    .thenApply(answer -> new Answer(
                            answer.code(),
                            answer.text(),
                            answer.messages().stream().map(lie).toList()));
        }

        @Override
        public Answer open(OpenWatch step, long compacted) {
            return honest.open(step, compacted);
        }

        @Override
        public Answer cancel(CancelWatch step) {
            return honest.cancel(step);
        }

        @Override
        public Answer progress(long revision) {
            return honest.progress(revision);
        }

        @Override
        public boolean waitsForTheFuture(long revision) {
            return honest.waitsForTheFuture(revision);
        }

        @Override
        public Optional<String> settle(long revision, Duration patience) {
            return honest.settle(revision, patience);
        }

        @Override
        public boolean mayBeCutOffBy(long compaction) {
            return honest.mayBeCutOffBy(compaction);
        }

        @Override
        public List<Event> history() {
            return honest.history().stream().map(lie).map(Event.class::cast).toList();
        }

        @Override
        public void end() {
            honest.end();
        }
    }

    /** The calls that remain of the first episode that sees the lie. */
    private static List<String> smallestWithLie(TwoServers servers, UnaryOperator<Message> lie) {
        Trial trial = new Trial(
                side(servers, Target.ETCD), new Liar(side(servers, Target.AXOLOTL), lie), (step, answer) -> {});
        for (int episode = 0; episode < 20; episode++) {
            var found = trial.play(Episode.draw(7, episode, 40, FEATURES), Differential.PATIENCE);
            if (found.isPresent()) {
                Disagreement smallest = new Shrinker(trial).shrink(found.get());
                assertThat(smallest.report()).contains("liar: ");
                return smallest.steps().stream().map(Step::name).toList();
            }
        }
        throw new AssertionError("20 episodes did not see the lie");
    }

    @Test
    void plantedLossOfThePreviousValueIsFoundAndShrunkToTwoCalls(TwoServers servers) {
        assertThat(smallestWithLie(
                        servers,
                        message -> message instanceof PutResponse put
                                ? put.toBuilder().clearPrevKv().build()
                                : message))
                .hasSize(2)
                .endsWith("Put");
    }

    @Test
    void plantedWrongVersionIsFoundAndShrunk(TwoServers servers) {
        assertThat(smallestWithLie(servers, DifferentialTest::withVersionsUpToTwo))
                .hasSizeLessThanOrEqualTo(8)
                .endsWith("Range");
    }

    private static Message withVersionsUpToTwo(Message message) {
        if (!(message instanceof RangeResponse range)) {
            return message;
        }
        RangeResponse.Builder lie = range.toBuilder();
        lie.getKvsBuilderList().forEach(kv -> kv.setVersion(Math.min(2, kv.getVersion())));
        return lie.build();
    }
}
