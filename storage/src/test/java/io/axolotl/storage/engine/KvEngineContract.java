package io.axolotl.storage.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every engine must do; each engine's test extends this. */
public abstract class KvEngineContract {
    private KvEngine engine;
    private AtomicWrite write;

    /** Opens the engine of this test, which holds what was flushed before. */
    protected abstract KvEngine open();

    /** Leaves the engine as a kill would, and opens it again. */
    protected abstract KvEngine crash(KvEngine running);

    @BeforeEach
    void openEngine() {
        engine = open();
        write = engine.newWrite();
    }

    @AfterEach
    void closeEngine() {
        write.close();
        engine.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void put(Space space, String key, String value) {
        write.put(space, bytes(key), bytes(value));
    }

    private void crashAndReopen() {
        write.close();
        engine = crash(engine);
        write = engine.newWrite();
    }

    private static List<String> entries(EngineCursor open) {
        List<String> found = new ArrayList<>();
        try (EngineCursor cursor = open) {
            while (cursor.next()) {
                assertThat(cursor.firstValueByte()).isEqualTo(cursor.value()[0] & 0xff);
                found.add(new String(cursor.key(), StandardCharsets.UTF_8) + "="
                        + new String(cursor.value(), StandardCharsets.UTF_8));
            }
        }
        return found;
    }

    @Test
    void spacesDoNotMix() {
        put(Space.IDX, "k", "idx");
        put(Space.REV, "k", "rev");
        assertThat(engine.get(Space.IDX, bytes("k")))
                .as("not before it is written")
                .isNull();
        engine.write(write);
        assertThat(write.count()).isZero();
        assertThat(engine.get(Space.IDX, bytes("k"))).isEqualTo(bytes("idx"));
        assertThat(engine.get(Space.REV, bytes("k"))).isEqualTo(bytes("rev"));
        assertThat(engine.get(Space.META, bytes("k"))).isNull();
    }

    @Test
    void laterChangeOfOneWriteWins() {
        put(Space.IDX, "a", "1");
        write.delete(Space.IDX, bytes("a"));
        put(Space.IDX, "b", "1");
        put(Space.IDX, "b", "2");
        engine.write(write);
        assertThat(entries(engine.scan(Space.IDX, new byte[0], null))).containsExactly("b=2");
    }

    @Test
    void scansAreOrderedHalfOpenAndUnsigned() {
        write.put(Space.IDX, new byte[] {(byte) 0xff}, bytes("x"));
        write.put(Space.IDX, new byte[] {0}, bytes("x"));
        for (String key : List.of("c", "a", "b", "ab")) {
            put(Space.IDX, key, "x");
        }
        engine.write(write);
        assertThat(entries(engine.scan(Space.IDX, bytes("a"), bytes("c")))).containsExactly("a=x", "ab=x", "b=x");
        assertThat(entries(engine.scan(Space.IDX, bytes("aa"), bytes("aa")))).isEmpty();
        assertThat(entries(engine.scan(Space.IDX, bytes("c"), bytes("a")))).isEmpty();
        assertThat(entries(engine.scan(Space.IDX, new byte[0], null))).hasSize(6);
    }

    @Test
    void viewStaysAsItWas() {
        put(Space.IDX, "a", "1");
        engine.write(write);
        try (EngineView view = engine.view()) {
            put(Space.IDX, "a", "2");
            put(Space.IDX, "b", "2");
            engine.write(write);
            assertThat(view.get(Space.IDX, bytes("a"))).isEqualTo(bytes("1"));
            assertThat(entries(view.scan(Space.IDX, new byte[0], null))).containsExactly("a=1");
        }
        assertThat(entries(engine.scan(Space.IDX, new byte[0], null))).containsExactly("a=2", "b=2");
    }

    @Test
    @DisplayName("D28, D30 a crash leaves whole writes of all spaces up to the last flush")
    void crashLosesWhatWasNotFlushed() {
        put(Space.META, "applied", "1");
        put(Space.REV, "r1", "x");
        engine.write(write);
        engine.flush();
        put(Space.META, "applied", "2");
        put(Space.REV, "r2", "x");
        put(Space.IDX, "k", "x");
        engine.write(write);
        crashAndReopen();
        assertThat(engine.get(Space.META, bytes("applied"))).isEqualTo(bytes("1"));
        assertThat(entries(engine.scan(Space.REV, new byte[0], null))).containsExactly("r1=x");
        assertThat(entries(engine.scan(Space.IDX, new byte[0], null))).isEmpty();
    }

    @Test
    void flushedDeletesStayDeleted() {
        put(Space.REV, "r1", "x");
        put(Space.REV, "r2", "x");
        engine.write(write);
        engine.flush();
        write.singleDelete(Space.REV, bytes("r1"));
        engine.write(write);
        engine.flush();
        engine.reclaim();
        crashAndReopen();
        assertThat(entries(engine.scan(Space.REV, new byte[0], null))).containsExactly("r2=x");
    }

    @Test
    @DisplayName("MT-3 defragmenting changes nothing that can be read, through a view from before it either")
    void defragmentingChangesNothingThatCanBeRead() {
        put(Space.IDX, "k", "1");
        put(Space.REV, "r1", "x");
        put(Space.REV, "r2", "x");
        engine.write(write);
        engine.flush();
        try (EngineView before = engine.view()) {
            write.singleDelete(Space.REV, bytes("r1"));
            put(Space.IDX, "k", "2");
            engine.write(write);
            engine.defragment();
            assertThat(before.get(Space.REV, bytes("r1"))).isEqualTo(bytes("x"));
            assertThat(before.get(Space.IDX, bytes("k"))).isEqualTo(bytes("1"));
        }
        assertThat(entries(engine.scan(Space.REV, new byte[0], null))).containsExactly("r2=x");
        assertThat(engine.get(Space.IDX, bytes("k"))).isEqualTo(bytes("2"));
    }

    @Test
    void onlyRevisionsAreSingleDeleted() {
        assertThatThrownBy(() -> write.singleDelete(Space.IDX, bytes("k"))).isInstanceOf(AssertionError.class);
    }

    @Test
    void sizesAreAboutRight() {
        for (int i = 0; i < 100; i++) {
            put(Space.REV, "r" + i, "x".repeat(1000));
        }
        engine.write(write);
        assertThat(engine.sizeBytes()).isGreaterThan(50_000);
        assertThat(engine.liveBytes()).isPositive().isLessThanOrEqualTo(engine.sizeBytes());
    }

    @Test
    @DisplayName("P16 after close every use is an exception")
    void useAfterCloseIsRefused() {
        EngineView view = engine.view();
        EngineCursor cursor = view.scan(Space.IDX, new byte[0], null);
        cursor.close();
        view.close();
        write.close();
        engine.close();
        engine.close();
        List<Runnable> usesOfTheEngine = List.of(
                () -> engine.get(Space.IDX, bytes("a")),
                () -> engine.scan(Space.IDX, bytes("a"), null),
                engine::view,
                engine::flush,
                engine::reclaim,
                engine::defragment,
                engine::sizeBytes,
                engine::liveBytes);
        for (Runnable use : usesOfTheEngine) {
            assertThatThrownBy(use::run).isInstanceOf(ClosedException.class);
        }
        List<Runnable> uses = List.of(
                () -> view.get(Space.IDX, bytes("a")),
                () -> view.scan(Space.IDX, bytes("a"), null),
                () -> cursor.next());
        for (Runnable use : uses) {
            assertThatThrownBy(use::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    @DisplayName("P16 closing waits for readers, who go on getting and scanning meanwhile")
    void closeWaitsForReaders() throws InterruptedException {
        put(Space.IDX, "k", "1");
        engine.write(write);
        EngineView view = engine.view();
        AtomicBoolean hasLeft = new AtomicBoolean();
        AtomicBoolean closedEarly = new AtomicBoolean();
        CountDownLatch closing = new CountDownLatch(1);
        write.close();
        Thread closer = new Thread(() -> {
            closing.countDown();
            engine.close();
            closedEarly.set(!hasLeft.get());
        });
        closer.start();
        closing.await();
        for (int i = 0; i < 1000; i++) {
            assertThat(view.get(Space.IDX, bytes("a"))).isNull();
        }
        while (closer.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThatThrownBy(engine::view).isInstanceOf(ClosedException.class);
        assertThat(entries(view.scan(Space.IDX, new byte[0], null))).containsExactly("k=1");
        hasLeft.set(true);
        view.close();
        closer.join();
        assertThat(closedEarly).isFalse();
    }

    @Test
    @DisplayName("P16 readers on many threads, and a close in the middle: exceptions at most")
    void closeUnderLoadIsClean() throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            put(Space.IDX, "k" + i, "x");
        }
        engine.write(write);
        write.close();
        CountDownLatch reading = new CountDownLatch(3);
        List<Throwable> surprises = Collections.synchronizedList(new ArrayList<>());
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Thread reader = new Thread(() -> {
                boolean isFirst = true;
                try {
                    while (true) {
                        try (EngineView view = engine.view()) {
                            assertThat(entries(view.scan(Space.IDX, new byte[0], null)))
                                    .hasSize(50);
                        }
                        if (isFirst) {
                            isFirst = false;
                            reading.countDown();
                        }
                    }
                } catch (IllegalStateException closed) {
                    if (isFirst) {
                        surprises.add(closed);
                    }
                } catch (Throwable other) {
                    surprises.add(other);
                }
            });
            reader.start();
            readers.add(reader);
        }
        reading.await();
        engine.close();
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(surprises).isEmpty();
    }
}
