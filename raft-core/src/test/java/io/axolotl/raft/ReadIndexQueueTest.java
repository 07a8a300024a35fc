package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReadIndexQueueTest {
    private final ReadIndexQueue queue = new ReadIndexQueue();

    private static ReadIndexQueue.Read read(long id) {
        return new ReadIndexQueue.Read(null, id);
    }

    @Test
    @DisplayName("pitfall 27: a read that waits for the first commit of the term is answered once")
    void earlyReadsAreAnsweredOnce() {
        queue.addEarly(read(1));
        queue.open(5);
        queue.open(6);
        assertThat(queue.earlyCount()).isZero();
        assertThat(queue.confirm(queue.round())).containsExactly(new ReadIndexQueue.Confirmed(read(1), 5));
    }

    @Test
    void readsThatWereRefusedAreNotAnsweredToo() {
        queue.addEarly(read(1));
        queue.add(read(2), 5);
        assertThat(queue.drain()).containsExactly(read(1), read(2));
        assertThat(queue.drain()).isEmpty();
        queue.open(6);
        assertThat(queue.confirm(queue.round())).isEmpty();
    }
}
