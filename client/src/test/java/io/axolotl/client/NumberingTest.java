package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.Numbering.OpenedSession;
import io.axolotl.client.Numbering.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("pitfall 51: which number a write shows")
final class NumberingTest {
    private static final Header HEADER = new Header(1, 1, 1, 1);

    private final List<CompletableFuture<OpenedSession>> asked = new ArrayList<>();
    private long nowNanos;
    private final Numbering numbering = new Numbering(
            () -> {
                CompletableFuture<OpenedSession> answer = new CompletableFuture<>();
                asked.add(answer);
                return answer;
            },
            () -> nowNanos);

    /** Somebody who wants a place. */
    private static final class Writer implements Numbering.Taker {
        private int told;
        private @Nullable Place place;
        private @Nullable Throwable why;

        @Override
        public void take(@Nullable Place given) {
            told++;
            place = given;
        }

        @Override
        public void failed(Throwable failure) {
            told++;
            why = failure;
        }

        Place place() {
            return Objects.requireNonNull(place);
        }

        String mark() {
            return place().mark();
        }
    }

    private Writer write() {
        Writer writer = new Writer();
        numbering.take(writer);
        return writer;
    }

    private void opened(long id, int slots) {
        asked.get(asked.size() - 1).complete(new OpenedSession(HEADER, id, slots));
    }

    @Test
    void theFirstWriteOpensASessionAndTheOthersWait() {
        Writer first = write();
        Writer second = write();
        assertThat(asked).hasSize(1);
        assertThat(first.told + second.told).isZero();
        opened(0xabc, 8);
        assertThat(first.mark()).isEqualTo("abc.0.1");
        assertThat(second.mark()).isEqualTo("abc.1.1");
        assertThat(write().mark()).isEqualTo("abc.2.1");
        assertThat(asked).hasSize(1);
    }

    @Test
    void aFreeSlotIsUsedAgainWithItsNextNumber() {
        Writer first = write();
        opened(-1, 8);
        Writer second = write();
        numbering.release(first.place());
        assertThat(write().mark()).isEqualTo("ffffffffffffffff.0.2");
        numbering.release(second.place());
        assertThat(write().mark()).isEqualTo("ffffffffffffffff.1.2");
    }

    @Test
    void beyondTheSlotsAWriteWaitsForAnotherToEnd() {
        Writer first = write();
        opened(1, 1);
        Writer second = write();
        Writer third = write();
        assertThat(second.told + third.told).isZero();
        numbering.release(first.place());
        assertThat(second.mark()).isEqualTo("1.0.2");
        assertThat(third.told).isZero();
        numbering.release(second.place());
        assertThat(third.mark()).isEqualTo("1.0.3");
    }

    @Test
    void aLostSessionIsReplacedByTheNextWriteAndItsSlotsAreForgotten() {
        Writer first = write();
        opened(1, 2);
        Writer second = write();
        numbering.lost(first.place());
        numbering.release(first.place());
        Writer third = write();
        assertThat(asked).hasSize(2);
        opened(2, 2);
        assertThat(third.mark()).isEqualTo("2.0.1");
        numbering.lost(second.place());
        numbering.release(second.place());
        assertThat(write().mark())
                .as("the old session's end is not the new one's")
                .isEqualTo("2.1.1");
        assertThat(asked).hasSize(2);
    }

    @Test
    void whoWaitsForASlotOfALostSessionIsGivenOneOfTheNext() {
        Writer first = write();
        opened(1, 1);
        Writer second = write();
        numbering.lost(first.place());
        assertThat(asked).hasSize(2);
        opened(2, 1);
        assertThat(second.mark()).isEqualTo("2.0.1");
    }

    @Test
    void serversWithoutSessionsAreAskedAgainAfterMinutes() {
        Writer first = write();
        asked.get(0).completeExceptionally(new RefusedException(ErrorCode.UNIMPLEMENTED, "unknown service"));
        assertThat(first.told).isEqualTo(1);
        assertThat(first.place).isNull();
        nowNanos += TimeUnit.MINUTES.toNanos(5) - 1;
        assertThat(write().told).isEqualTo(1);
        assertThat(asked).hasSize(1);
        nowNanos++;
        assertThat(write().told).isZero();
        assertThat(asked).hasSize(2);
    }

    @Test
    void serversWithoutRoomAreAskedAgainLater() {
        write();
        asked.get(0)
                .completeExceptionally(new RefusedException(
                        ErrorCode.RESOURCE_EXHAUSTED, "etcdserver: too many sessions, and all have been used lately"));
        nowNanos += TimeUnit.SECONDS.toNanos(5) - 1;
        Writer without = write();
        assertThat(without.told).isEqualTo(1);
        assertThat(without.place).isNull();
        nowNanos++;
        Writer with = write();
        assertThat(asked).hasSize(2);
        opened(1, 1);
        assertThat(with.mark()).isEqualTo("1.0.1");
    }

    @Test
    void aSessionThatCannotBeOpenedFailsAllWhoWaitAndTheNextTriesAgain() {
        Writer first = write();
        Writer second = write();
        RefusedException trouble = new RefusedException(ErrorCode.UNAVAILABLE, "etcdserver: no leader");
        asked.get(0).completeExceptionally(trouble);
        assertThat(first.why).isSameAs(trouble);
        assertThat(second.why).isSameAs(trouble);
        write();
        assertThat(asked).hasSize(2);
    }

    @Test
    @DisplayName("a slot for which the servers had no room is left alone for a while: writes have those that they know")
    void aRefusedSlotIsNotTakenAgainWhileAnotherIsFree() {
        Writer first = write();
        opened(1, 8);
        Writer second = write();
        assertThat(second.mark()).isEqualTo("1.1.1");
        numbering.full(second.place());
        Writer whileNoneIsFree = write();
        assertThat(whileNoneIsFree.told).as("goes without").isEqualTo(1);
        assertThat(whileNoneIsFree.place).isNull();
        numbering.release(first.place());
        Writer third = write();
        assertThat(third.mark()).isEqualTo("1.0.2");
        numbering.release(third.place());
        assertThat(write().mark()).isEqualTo("1.0.3");
        nowNanos += TimeUnit.SECONDS.toNanos(5);
        assertThat(write().mark()).as("asked for again").isEqualTo("1.1.2");
        assertThat(asked).hasSize(1);
    }

    @Test
    void whoWaitsForASlotGoesWithoutWhenThereIsNoRoomForOne() {
        Writer first = write();
        Writer second = write();
        opened(1, 1);
        assertThat(second.told).isZero();
        numbering.full(first.place());
        assertThat(second.told).isEqualTo(1);
        assertThat(second.place).isNull();
    }

    /** Who throws when it is told. */
    private static Numbering.Taker throwing() {
        return new Numbering.Taker() {
            @Override
            public void take(@Nullable Place place) {
                throw new IllegalStateException("told");
            }

            @Override
            public void failed(Throwable why) {
                throw new IllegalStateException("told");
            }
        };
    }

    @Test
    @DisplayName("who throws does not keep those that wait behind it from their places, nor those that come after")
    void oneThatThrowsHoldsNobodyUp() {
        numbering.take(throwing());
        Writer second = write();
        opened(1, 2);
        assertThat(second.mark()).isEqualTo("1.1.1");
        Writer third = write();
        numbering.release(second.place());
        assertThat(third.mark()).isEqualTo("1.1.2");
    }

    @Test
    void oneThatThrowsWhenItFailsHoldsNobodyUp() {
        numbering.take(throwing());
        Writer second = write();
        asked.get(0).completeExceptionally(new RefusedException(ErrorCode.UNAVAILABLE, "etcdserver: no leader"));
        assertThat(second.why).isNotNull();
    }
}
