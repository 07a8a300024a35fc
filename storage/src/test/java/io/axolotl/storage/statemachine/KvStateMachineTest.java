package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.UnknownCommandException;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.Divergence;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.StoreDamagedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the state machine promises beside the contract of single commands. */
class KvStateMachineTest extends StoreFixture {
    @Test
    @DisplayName("pitfall 48, D28 data, membership and applied id come back together, from the last flush")
    void stateAndAppliedIdAreOne() {
        put("a", "1");
        store.flush();
        put("a", "2");
        Membership two = Membership.ofVoters(List.of(new NodeId(1), new NodeId(2)));
        store.apply(List.of(log.append(Entry.Kind.MEMBERSHIP, two.encode())));
        assertThat(store.membership()).isEqualTo(two);
        assertThat(store.durable()).isEqualTo(new EntryId(1, 1));
        crash();
        assertThat(store.applied()).isEqualTo(new EntryId(1, 1));
        assertThat(store.membership()).isEqualTo(Log.THREE);
        assertThat(text(get("a").value())).isEqualTo("1");
        replay();
        assertThat(store.membership()).isEqualTo(two);
        assertThat(text(get("a").value())).isEqualTo("2");
        assertThat(store.flush().membership()).isEqualTo(two);
        crash();
        assertThat(store.applied()).isEqualTo(new EntryId(1, 3));
        assertThat(store.membership()).isEqualTo(two);
    }

    @Test
    @DisplayName("D28 a change newer than the state record is found at open")
    void partedDataIsFoundAtOpen() {
        put("a", "1");
        byte[] old = Objects.requireNonNull(engine.get(Space.META, new byte[] {2}));
        put("a", "2");
        try (AtomicWrite write = engine.newWrite()) {
            write.put(Space.META, new byte[] {2}, old);
            engine.write(write);
        }
        engine.flush();
        assertThatThrownBy(this::crash)
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining("a change of revision 3");
    }

    @Test
    void entriesMustFollowEachOther() {
        put("a", "1");
        Entry gap = Entry.noOp(new EntryId(1, 3));
        assertThatThrownBy(() -> store.apply(List.of(gap))).isInstanceOf(AssertionError.class);
    }

    @Test
    @DisplayName("pitfall 49 what fails in apply stops the state machine, and nothing of the run is seen")
    void failedRunStopsEverything() {
        put("a", "1");
        Entry good = log.append(Log.put("a", "2"));
        Entry unknown = log.append(Entry.Kind.COMMAND, new byte[] {9, 9, 9});
        assertThatThrownBy(() -> store.apply(List.of(good, unknown))).isInstanceOf(UnknownCommandException.class);
        assertThat(text(get("a").value())).isEqualTo("1");
        assertThat(store.applied().index()).isEqualTo(1);
        assertThatThrownBy(() -> store.apply(List.of(good)))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("must not go on");
        assertThatThrownBy(store::flush).isInstanceOf(EngineException.class);
    }

    @Test
    @DisplayName("pitfall 54, 58 a failed write stops the state machine; a restart replays")
    void failedWriteStopsEverything() {
        put("a", "1");
        store.flush();
        engine.failNextWrite(new IllegalStateException("disk full"));
        Entry entry = log.append(Log.put("a", "2"));
        assertThatThrownBy(() -> store.apply(List.of(entry)))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("disk full");
        assertThatThrownBy(() -> store.apply(List.of(entry))).isInstanceOf(EngineException.class);
        crash();
        replay();
        assertThat(text(get("a").value())).isEqualTo("2");
    }

    @Test
    void noOpMovesTheAppliedIdAlone() {
        Entry noOp = log.append(Entry.Kind.NO_OP, NOTHING);
        assertThat(store.apply(List.of(noOp))).containsExactly(new Applied(noOp.id(), null, null));
        assertThat(store.applied()).isEqualTo(noOp.id());
        assertThat(store.revision()).isEqualTo(1);
        assertThat(store.apply(List.of())).isEmpty();
    }

    @Test
    @DisplayName("pitfall 43 runs see what the runs before them wrote, and what they wrote themselves")
    void commandsOfOneRunSeeEachOther() {
        List<Entry> run = List.of(
                log.append(Log.put("a", "1")),
                log.append(Log.put("a", "2")),
                log.append(always(read("a"), readAt("a", 2))),
                log.append(Log.delete("a")),
                log.append(new Command.Put(bytes("a"), NOTHING, 0, false, true, false)),
                log.append(new Command.Compact(3, false)),
                log.append(always(readAt("a", 2))));
        List<CommandResult> results = new ArrayList<>();
        store.apply(run).forEach(applied -> results.add(applied.result()));
        List<CommandResult.OpResult> reads = ((CommandResult.Txn) results.get(2)).responses();
        assertThat(text(((CommandResult.Range) reads.get(0))
                        .answer()
                        .kvs()
                        .get(0)
                        .value()))
                .isEqualTo("2");
        assertThat(text(((CommandResult.Range) reads.get(1))
                        .answer()
                        .kvs()
                        .get(0)
                        .value()))
                .isEqualTo("1");
        assertThat(results.get(4)).isEqualTo(refused(Refusal.KEY_NOT_FOUND));
        assertThat(results.get(5)).isEqualTo(new CommandResult.Compacted(4));
        assertThat(results.get(6)).isEqualTo(refused(Refusal.COMPACTED));
        assertThat(store.revision()).isEqualTo(4);
    }

    @Test
    @DisplayName("CL-5 a member publishes itself; who is not in the membership is refused and forgotten")
    void membersPublishThemselves() {
        MemberAttributes seed = new MemberAttributes(2, "", List.of("http://two:2380"), List.of(), false);
        engine = MemoryEngine.inMemory();
        store = KvStateMachine.open(engine, Log.THREE, List.of(seed));
        assertThat(store.members()).containsExactly(MemberAttributes.unknown(1), seed, MemberAttributes.unknown(3));
        Command.PublishMember two =
                new Command.PublishMember(2, "two", List.of("http://two:2380"), List.of("http://two:2379"), null);
        assertThat(apply(two)).isEqualTo(new CommandResult.MemberRecorded(1));
        assertThat(apply(new Command.PublishMember(9, "nine", List.of(), List.of(), null)))
                .isEqualTo(refused(Refusal.MEMBER_NOT_FOUND));
        assertThat(apply(new Command.PublishMember(0, "none", List.of(), List.of(), null)))
                .isEqualTo(refused(Refusal.MEMBER_NOT_FOUND));
        store.flush();
        engine = engine.crash();
        store = KvStateMachine.open(engine, Log.THREE);
        MemberAttributes known =
                new MemberAttributes(2, "two", List.of("http://two:2380"), List.of("http://two:2379"), false);
        assertThat(store.members()).contains(known);
        Membership learner = new Membership(
                new TreeSet<>(List.of(new NodeId(1))), new TreeSet<>(), new TreeSet<>(List.of(new NodeId(2))));
        store.apply(List.of(log.append(Entry.Kind.MEMBERSHIP, learner.encode())));
        assertThat(store.members())
                .containsExactly(
                        MemberAttributes.unknown(1),
                        new MemberAttributes(2, "two", known.peerUrls(), known.clientUrls(), true));
        Membership alone = Membership.ofVoters(List.of(new NodeId(1)));
        store.apply(List.of(log.append(Entry.Kind.MEMBERSHIP, alone.encode())));
        store.apply(List.of(log.append(Entry.Kind.MEMBERSHIP, learner.encode())));
        assertThat(store.members()).contains(new MemberAttributes(2, "", List.of(), List.of(), true));
    }

    @Test
    @DisplayName("I7 the digest tells states apart that differ in anything")
    void digestTellsStatesApart() {
        List<Integer> seen = new ArrayList<>();
        seen.add(store.digest().crc32c());
        put("a", "1");
        seen.add(store.digest().crc32c());
        put("a", "1");
        seen.add(store.digest().crc32c());
        delete("a");
        seen.add(store.digest().crc32c());
        apply(new Command.PublishMember(1, "one", List.of(), List.of(), null));
        seen.add(store.digest().crc32c());
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("pitfall 43 a reader sees whole runs, never half of one")
    void readersSeeWholeRuns() throws InterruptedException {
        apply(always(Log.put("a", "0"), Log.put("b", "0")));
        AtomicBoolean isOver = new AtomicBoolean();
        CountDownLatch hasRead = new CountDownLatch(2);
        List<Throwable> surprises = Collections.synchronizedList(new ArrayList<>());
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread reader = new Thread(() -> {
                try {
                    long last = 0;
                    while (!isOver.get()) {
                        RangeAnswer.Found found = found(RangeQuery.ofRange(OPEN, OPEN));
                        assertThat(found.kvs()).hasSize(2);
                        assertThat(found.kvs().get(0).value())
                                .isEqualTo(found.kvs().get(1).value());
                        assertThat(found.kvs().get(0).modRevision()).isEqualTo(found.revision());
                        assertThat(found.revision()).isGreaterThanOrEqualTo(last);
                        last = found.revision();
                        hasRead.countDown();
                    }
                } catch (Throwable e) {
                    surprises.add(e);
                    hasRead.countDown();
                }
            });
            reader.start();
            readers.add(reader);
        }
        hasRead.await();
        for (int i = 1; i < 300; i++) {
            store.apply(List.of(
                    log.append(always(Log.put("a", "x" + i), Log.put("b", "x" + i))),
                    log.append(always(Log.put("b", "" + i), Log.put("a", "" + i)))));
        }
        isOver.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(surprises).isEmpty();
    }

    @Test
    @DisplayName("P16 after close every call is an exception")
    void useAfterCloseIsRefused() {
        put("a", "1");
        store.close();
        store.close();
        List<Runnable> uses = List.of(
                () -> store.range(RangeQuery.ofKey(bytes("a"))),
                () -> store.readOnlyTxn(always(read("a"))),
                store::revision,
                store::digest,
                store::sizeBytes,
                store::flush,
                () -> store.compactStep(1),
                () -> store.apply(List.of()));
        for (Runnable use : uses) {
            assertThatThrownBy(use::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    @DisplayName("P16 a close that readers have held up is not taken for done, and succeeds once they have left")
    void closeCanBeTriedAgain() {
        EngineView reader = engine.view();
        engine.crash();
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(store::close)
                    .as("attempt %d", attempt)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("1 readers");
        }
        assertThatThrownBy(store::flush).hasMessageContaining("closed");
        reader.close();
        store.close();
    }

    @Test
    @DisplayName("MT-2 sizes are above zero from the start")
    void sizesAreAboveZero() {
        assertThat(store.sizeBytes()).isPositive();
        assertThat(store.sizeInUseBytes()).isPositive().isLessThanOrEqualTo(store.sizeBytes());
    }

    @Test
    @DisplayName("I7 what a member did not apply itself but copied is known, whatever a crash takes")
    void whatWasCopiedIsKnown() {
        store.claim(1);
        put("a", "1");
        store.flush();
        put("a", "2");
        assertThat(store.copiedThrough()).as("all its own").isZero();
        crash();
        store.claim(1);
        assertThat(store.copiedThrough()).as("its own after a restart too").isZero();
        replay();
        store.flush();

        // Now it is on another member's disk.
        crash();
        store.claim(2);
        assertThat(store.copiedThrough()).isEqualTo(2);
        crash();
        store.claim(2);
        assertThat(store.copiedThrough()).as("nothing was applied since").isEqualTo(2);
        put("b", "1");
        assertThat(store.copiedThrough()).isEqualTo(2);
        crash();
        store.claim(2);
        assertThat(store.copiedThrough()).as("what was applied since is lost").isEqualTo(2);
        replay();
        store.flush();
        crash();
        store.claim(2);
        assertThat(store.applied().index()).isEqualTo(3);
        assertThat(store.copiedThrough()).isEqualTo(2);
    }

    @Test
    @DisplayName("I7 a damaged record of whose state it is, is refused")
    void damagedProvenanceIsRefused() {
        for (byte[] damaged : List.of(new byte[3], new byte[] {0, 0, 0, 0, 0, 0, 0, 1, -1, 0, 0, 0, 0, 0, 0, 0})) {
            try (AtomicWrite write = engine.newWrite()) {
                write.put(Space.META, new byte[] {5}, damaged);
                engine.write(write);
            }
            assertThatThrownBy(() -> store.claim(1)).isInstanceOf(StoreDamagedException.class);
        }
    }

    @Test
    @DisplayName("pitfall 58 a flush that finds no room harms nothing; a mark waits until there is some")
    void whatFindsNoRoomIsRepeated() {
        FaultyDisk disk = new FaultyDisk();
        Path folder = Path.of("/db");
        disk.createDirectories(folder);
        KvStateMachine onDisk = KvStateMachine.open(MemoryEngine.open(disk, folder), Log.THREE);
        onDisk.apply(List.of(log.append(Log.put("a", "1"))));
        disk.limitBytes(0);
        assertThatThrownBy(onDisk::flush).isInstanceOf(EngineFullException.class);
        onDisk.apply(List.of(log.append(Log.put("b", "1"))));

        AtomicInteger waits = new AtomicInteger();
        onDisk.whileFull(full -> {
            if (waits.incrementAndGet() == 3) {
                disk.limitBytes(Long.MAX_VALUE);
            }
        });
        Divergence found = new Divergence(1, 2);
        onDisk.mark(found);
        assertThat(waits).hasValue(3);
        assertThat(onDisk.divergence()).isEqualTo(found);
        assertThat(onDisk.flush().last().index()).isEqualTo(2);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        KvStateMachine after = KvStateMachine.open(MemoryEngine.open(disk, folder), Log.THREE);
        assertThat(after.applied().index()).isEqualTo(2);
        assertThat(after.divergence()).isEqualTo(found);
    }
}
