package io.axolotl.raft.testing;

import io.axolotl.raft.HardState;
import io.axolotl.raft.PersistToken;
import io.axolotl.raft.Ready;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.message.Envelope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node's disk: writes wait in order until they are synced, and a crash loses those that wait. Reads see only what is
 * synced, for that is all the core may ask for.
 */
public final class MemoryDisk implements LogReader {
    /** A snapshot with the digest of the state it stands for. */
    public record StoredSnapshot(SnapshotMetadata metadata, long digest) {}

    private record Write(
            @Nullable HardState hardState,
            List<Entry> entries,
            @Nullable PersistToken token,
            List<Envelope> promises) {}

    /** What one sync allows: these messages may leave, and then this token is reported. */
    public record Synced(@Nullable PersistToken token, List<Envelope> promises) {}

    private final Deque<Write> waiting = new ArrayDeque<>();
    private HardState hardState;
    private StoredSnapshot snapshot;
    private EntryId previous;
    private final List<Entry> entries = new ArrayList<>();

    /** An empty disk of a node that belongs to {@code membership} from the start. */
    public MemoryDisk(Membership membership) {
        this(HardState.INITIAL, membership, List.of());
    }

    /** A disk with a history: {@code entries} from index 1. */
    public MemoryDisk(HardState hardState, Membership membership, List<Entry> entries) {
        this.hardState = hardState;
        snapshot = new StoredSnapshot(new SnapshotMetadata(EntryId.ZERO, membership), 0);
        previous = EntryId.ZERO;
        this.entries.addAll(entries);
    }

    /** Takes the writes of a {@link Ready}. Nothing of them survives a crash before {@link #sync}. */
    public void write(Ready ready) {
        if (ready.persistToken() == null) {
            if (ready.hardState() != null
                    || !ready.entriesToPersist().isEmpty()
                    || !ready.sendAfterPersist().isEmpty()) {
                throw new AssertionError("a Ready that has to be persisted carries no token: " + ready);
            }
            return;
        }
        waiting.addLast(
                new Write(ready.hardState(), ready.entriesToPersist(), ready.persistToken(), ready.sendAfterPersist()));
    }

    public int waitingCount() {
        return waiting.size();
    }

    /** Syncs the {@code count} oldest writes as one. */
    public Synced sync(int count) {
        PersistToken token = null;
        List<Envelope> promises = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Write write = waiting.removeFirst();
            if (write.hardState() != null) {
                hardState = write.hardState();
            }
            if (!write.entries().isEmpty()) {
                append(write.entries());
            }
            token = write.token();
            promises.addAll(write.promises());
        }
        return new Synced(token, promises);
    }

    private void append(List<Entry> added) {
        long first = added.get(0).index();
        if (first <= previous.index() || first > last().index() + 1) {
            throw new AssertionError(
                    "entry " + added.get(0).id() + " written to a log from " + previous + " to " + last());
        }
        entries.subList(Math.toIntExact(first - previous.index() - 1), entries.size())
                .clear();
        entries.addAll(added);
    }

    /** Everything that waits to be synced is lost. */
    public void crash() {
        waiting.clear();
    }

    public HardState hardState() {
        return hardState;
    }

    public StoredSnapshot snapshot() {
        return snapshot;
    }

    public void storeSnapshot(StoredSnapshot taken) {
        snapshot = taken;
    }

    public void truncatePrefix(long index) {
        long term = term(index);
        entries.subList(0, Math.toIntExact(index - previous.index())).clear();
        previous = new EntryId(term, index);
    }

    /** Replaces log and state machine, durably. All writes that wait must have been synced before. */
    public void install(StoredSnapshot received) {
        snapshot = received;
        previous = received.metadata().last();
        entries.clear();
    }

    @Override
    public EntryId previous() {
        return previous;
    }

    @Override
    public EntryId last() {
        return entries.isEmpty() ? previous : entries.get(entries.size() - 1).id();
    }

    @Override
    public long term(long index) {
        return index == previous.index() ? previous.term() : entry(index).term();
    }

    private Entry entry(long index) {
        if (index <= previous.index() || index > last().index()) {
            throw new IllegalArgumentException("index " + index + " is not in " + previous + " to " + last());
        }
        return entries.get(Math.toIntExact(index - previous.index() - 1));
    }

    @Override
    public List<Entry> entries(long fromIndex, long toIndexExclusive, long maxBytes) {
        if (fromIndex >= toIndexExclusive) {
            throw new IllegalArgumentException("empty range from " + fromIndex);
        }
        List<Entry> read = new ArrayList<>();
        long bytes = 0;
        for (long i = fromIndex; i < toIndexExclusive && bytes < maxBytes; i++) {
            read.add(entry(i));
            bytes += entry(i).sizeBytes();
        }
        return read;
    }

    @Override
    public List<Entry> membershipEntries() {
        return entries.stream()
                .filter(entry -> entry.kind() == Entry.Kind.MEMBERSHIP)
                .toList();
    }
}
