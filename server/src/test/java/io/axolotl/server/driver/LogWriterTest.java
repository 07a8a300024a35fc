package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.PersistToken;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalFailedException;
import io.axolotl.storage.wal.WalOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of writing, syncing, sending and telling, on a disk that forgets what was not synced. */
class LogWriterTest {
    private static final NodeId SELF = new NodeId(1);
    private static final NodeId PEER = new NodeId(2);
    private static final Path FOLDER = Path.of("/member");
    private static final WalOptions OPTIONS = new WalOptions(1 << 16, 1 << 14, 1);

    private final FaultyDisk disk = new FaultyDisk();
    private final FakeTransport transport = new FakeTransport();
    private final BatchQueue<Arrival> driverQueue = new BatchQueue<>(100, 1 << 20);
    private LogWriter writer;

    @BeforeEach
    void open() {
        disk.createDirectories(FOLDER);
        Wal.create(disk, FOLDER.resolve("wal"), OPTIONS);
        HardStateFile.create(disk, FOLDER.resolve("hardstate"));
        writer = newWriter();
    }

    private LogWriter newWriter() {
        return new LogWriter(
                openLog(),
                HardStateFile.open(disk, FOLDER.resolve("hardstate")),
                transport,
                driverQueue,
                () -> {},
                new DiskWatch(driverQueue, System::nanoTime, false),
                new PipelineMetrics(new MetricRegistry(), SELF, Set.of()));
    }

    private Wal openLog() {
        return Wal.open(disk, FOLDER.resolve("wal"), OPTIONS, EntryId.ZERO).wal();
    }

    private static Entry entry(long index) {
        return new Entry(new EntryId(1, index), Entry.Kind.COMMAND, new byte[] {(byte) index});
    }

    private static Envelope ack(long index) {
        return new Envelope(PEER, new Message.AppendEntriesResponse(1, true, index, EntryId.ZERO, 0, 0));
    }

    private static PersistToken token(long index) {
        return new PersistToken(0, 1, null, new EntryId(1, index));
    }

    private void add(long index) {
        writer.add(
                index == 1 ? new HardState(1, PEER, 0) : null,
                List.of(entry(index)),
                List.of(ack(index)),
                token(index));
    }

    private List<Input> told() {
        List<Arrival> arrivals = new ArrayList<>();
        driverQueue.drainTo(arrivals);
        return arrivals.stream()
                .filter(arrival -> !(arrival instanceof Arrival.Synced))
                .map(arrival -> ((Arrival.OfCore) arrival).input())
                .toList();
    }

    @Test
    @DisplayName("pitfalls 1, 9: when a message leaves, term, vote and entries survive a power cut at that moment")
    void nothingIsSentBeforeItsSync() {
        List<FaultyDisk> atSend = new ArrayList<>();
        transport.onSend = () -> atSend.add(disk.copy());
        add(1);
        add(2);
        assertThat(transport.sent).isEmpty();
        writer.runOnce();
        assertThat(transport.sent).containsExactly(ack(1), ack(2));
        assertThat(atSend).hasSize(2);
        for (FaultyDisk moment : atSend) {
            moment.crash(FaultyDisk.Outcome.LOST, new Random(1));
            assertThat(HardStateFile.open(moment, FOLDER.resolve("hardstate")).state())
                    .isEqualTo(new HardState(1, PEER, 0));
            assertThat(Wal.open(moment, FOLDER.resolve("wal"), OPTIONS, EntryId.ZERO)
                            .wal()
                            .last())
                    .isEqualTo(new EntryId(1, 2));
        }
    }

    @Test
    @DisplayName("design D6: what gathered while the disk was busy shares one sync and one report, of the newest token")
    void batchesShareOneSync() {
        add(1);
        writer.runOnce();
        told();
        List<Path> synced = new ArrayList<>();
        disk.before((operation, path) -> {
            if (operation == FaultyDisk.Operation.SYNC) {
                synced.add(path);
            }
        });
        for (long index = 2; index <= 20; index++) {
            add(index);
        }
        assertThat(writer.runOnce()).isTrue();
        assertThat(synced).hasSize(1);
        assertThat(told()).containsExactly(new Input.Persisted(token(20)));
        assertThat(writer.runOnce()).isFalse();
    }

    @Test
    @DisplayName("pitfall 54: after a failed sync nothing is sent, nobody is told, and nothing is tried again")
    void failedSyncSendsNothing() {
        disk.failSyncs(path -> path.toString().contains("wal"));
        add(1);
        assertThatThrownBy(writer::runOnce).isInstanceOf(DiskException.class);
        assertThat(transport.sent).isEmpty();
        assertThat(told()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"wal", "hardstate"})
    @DisplayName("D4: after a failed write nothing is sent, nobody is told, and nothing is tried again")
    void failedWriteSendsNothing(String part) {
        disk.failWrites(path -> path.toString().contains(part));
        add(1);
        assertThatThrownBy(writer::runOnce).isInstanceOf(DiskException.class).hasMessageContaining(part);
        assertThat(transport.sent).isEmpty();
        assertThat(told()).isEmpty();
        disk.failWrites(path -> false);
        add(2);
        assertThatThrownBy(writer::runOnce).isInstanceOf(WalFailedException.class);
        assertThat(transport.sent).isEmpty();
    }

    @Test
    void answersWithoutWritesWaitForWritesBeforeThem() {
        add(1);
        writer.add(null, List.of(), List.of(ack(99)), token(1));
        disk.failSyncs(path -> path.toString().contains("wal"));
        assertThatThrownBy(writer::runOnce).isInstanceOf(DiskException.class);
        assertThat(transport.sent).isEmpty();
    }

    @Test
    @DisplayName("pitfall 41: a reset empties the log after everything before it, and only then says so")
    void resetComesInItsTurn() {
        List<String> order = new ArrayList<>();
        transport.onSend = () -> order.add("sent");
        add(1);
        writer.addReset(new EntryId(1, 50), () -> order.add("reset"));
        writer.runOnce();
        assertThat(order).containsExactly("sent", "reset");
        FaultyDisk copy = disk.copy();
        copy.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(Wal.open(copy, FOLDER.resolve("wal"), OPTIONS, new EntryId(1, 50))
                        .wal()
                        .previous())
                .isEqualTo(new EntryId(1, 50));
    }
}
