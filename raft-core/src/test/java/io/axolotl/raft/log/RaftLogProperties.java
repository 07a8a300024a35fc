package io.axolotl.raft.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.PersistToken;
import io.axolotl.raft.Ready;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.testing.MemoryDisk;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** {@link RaftLog} against a plain list, under appends, adoptions with conflicts, syncs, commits, cuts and resets. */
class RaftLogProperties {
    private static final Membership MEMBERSHIP = Membership.ofVoters(List.of(new NodeId(1)));

    /** What the log must be like: a list of entries behind {@code previous}, and a disk that is written by hand. */
    private static final class Model {
        EntryId previous = EntryId.ZERO;
        final List<Entry> entries = new ArrayList<>();
        long commitIndex;
        long durableIndex;
        long term = 1;

        EntryId last() {
            return entries.isEmpty()
                    ? previous
                    : entries.get(entries.size() - 1).id();
        }

        Entry at(long index) {
            return entries.get(Math.toIntExact(index - previous.index() - 1));
        }

        long term(long index) {
            return index == previous.index() ? previous.term() : at(index).term();
        }
    }

    /** A write on its way to the disk. */
    private record Write(long epoch, List<Entry> entries, EntryId last) {}

    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
    void logDoesWhatAPlainListDoes(
            @ForAll @Size(max = 120) List<@IntRange(max = 1_000_000) Integer> deeds,
            @ForAll @IntRange(max = 400) int maxCachedBytes,
            @ForAll @IntRange(min = 1, max = 300) int maxReadBytes) {
        Run run = new Run(maxCachedBytes, maxReadBytes);
        for (int deed : deeds) {
            run.play(deed % 8, deed / 8);
            run.compare(deed / 8);
        }
    }

    private static Entry entry(long term, long index) {
        return new Entry(new EntryId(term, index), Entry.Kind.COMMAND, new byte[Math.toIntExact(index % 50)]);
    }

    /** Some value of {@code [low, high]}. */
    private static long pick(long low, long high, int chance) {
        return low + chance % (high - low + 1);
    }

    /** One log and what it is compared with. */
    private static final class Run {
        private final MemoryDisk disk = new MemoryDisk(MEMBERSHIP);
        private final Model model = new Model();
        private final List<Write> writes = new ArrayList<>();
        private final RaftLog log;

        Run(long maxCachedBytes, long maxReadBytes) {
            log = new RaftLog(disk, 0, maxCachedBytes, maxReadBytes);
        }

        void play(int deed, int chance) {
            switch (deed) {
                case 0 -> append(1 + chance % 3);
                case 1, 2 -> adopt(chance);
                case 3 -> write();
                case 4 -> sync();
                case 5 -> commit(chance);
                case 6 -> truncatePrefix(chance);
                default -> {
                    if (chance % 10 == 0) {
                        reset(1 + chance % 5);
                    }
                }
            }
        }

        private void append(int count) {
            for (int i = 0; i < count; i++) {
                Entry entry = entry(model.term, model.last().index() + 1);
                log.append(entry);
                model.entries.add(entry);
            }
        }

        /** Some of what is here, and then entries of a newer term, as from a leader that lacks the rest. */
        private void adopt(int chance) {
            long from = pick(model.previous.index(), model.last().index(), chance);
            long agreeing = pick(from, model.last().index(), chance / 7);
            List<Entry> sent = new ArrayList<>();
            for (long i = from + 1; i <= agreeing; i++) {
                sent.add(model.at(i));
            }
            boolean hasNews = chance % 3 != 0 && agreeing >= model.commitIndex;
            if (hasNews) {
                model.term++;
                for (int i = 1; i <= 1 + chance % 4; i++) {
                    sent.add(entry(model.term, agreeing + i));
                }
            }
            RaftLog.Adoption adoption = log.adopt(new LogSlice(new EntryId(model.term(from), from), sent));
            assertThat(adoption.firstNewIndex()).isEqualTo(agreeing + 1);
            assertThat(adoption.hasCut())
                    .isEqualTo(hasNews && agreeing < model.last().index());
            if (hasNews) {
                while (model.last().index() > agreeing) {
                    model.entries.remove(model.entries.size() - 1);
                }
                model.durableIndex = Math.min(model.durableIndex, agreeing);
                model.entries.addAll(sent.subList(Math.toIntExact(agreeing - from), sent.size()));
            }
        }

        private void write() {
            List<Entry> taken = log.takeUnpersisted();
            if (!taken.isEmpty()) {
                writes.add(new Write(log.epoch(), taken, log.last()));
            }
            assertThat(log.hasUnpersisted()).isFalse();
        }

        private void sync() {
            if (writes.isEmpty()) {
                return;
            }
            Write write = writes.remove(0);
            disk.write(new Ready(
                    null,
                    write.entries(),
                    null,
                    new PersistToken(write.epoch(), 1, null, write.last()),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of()));
            disk.sync(1);
            log.persisted(write.epoch(), write.last());
            if (write.epoch() == log.epoch()) {
                model.durableIndex = write.last().index();
            }
        }

        private void commit(int chance) {
            long index = pick(model.commitIndex, model.last().index(), chance);
            assertThat(log.commitTo(index)).isEqualTo(index > model.commitIndex);
            model.commitIndex = Math.max(model.commitIndex, index);
        }

        private void truncatePrefix(int chance) {
            long border = Math.min(model.commitIndex, model.durableIndex);
            if (border <= model.previous.index()) {
                return;
            }
            long index = pick(model.previous.index() + 1, border, chance);
            log.truncatePrefix(index);
            disk.truncatePrefix(index);
            EntryId previous = model.at(index).id();
            model.entries
                    .subList(0, Math.toIntExact(index - model.previous.index()))
                    .clear();
            model.previous = previous;
        }

        private void reset(int ahead) {
            writes.clear();
            EntryId snapshot = new EntryId(model.term, model.last().index() + ahead);
            disk.install(new MemoryDisk.StoredSnapshot(new SnapshotMetadata(snapshot, MEMBERSHIP), 0));
            log.reset(snapshot);
            model.entries.clear();
            model.previous = snapshot;
            model.commitIndex = snapshot.index();
            model.durableIndex = snapshot.index();
        }

        void compare(int chance) {
            assertThat(log.previous()).isEqualTo(model.previous);
            assertThat(log.last()).isEqualTo(model.last());
            assertThat(log.commitIndex()).isEqualTo(model.commitIndex);
            assertThat(log.durableIndex()).isEqualTo(model.durableIndex);
            long uncommitted = 0;
            for (long i = model.previous.index(); i <= model.last().index(); i++) {
                assertThat(log.term(i)).isEqualTo(model.term(i));
                assertThat(log.contains(new EntryId(model.term(i), i))).isTrue();
                assertThat(log.contains(new EntryId(model.term(i) + 1, i))).isFalse();
                if (i > model.commitIndex) {
                    uncommitted += model.at(i).sizeBytes();
                }
            }
            assertThat(log.uncommittedBytes()).isEqualTo(uncommitted);
            compareHints(chance);
            compareReads(chance);
        }

        private void compareHints(int chance) {
            long term = chance % (model.term + 2);
            long upTo = pick(model.previous.index(), model.last().index() + 3, chance / 3);
            long expected = model.previous.index() - 1;
            for (long i = model.previous.index();
                    i <= Math.min(upTo, model.last().index());
                    i++) {
                if (model.term(i) <= term) {
                    expected = i;
                }
            }
            assertThat(log.lastIndexOfTermAtMost(term, upTo)).isEqualTo(expected);
        }

        /** Reading on where the last answer ended gives every entry once, within the bounds. */
        private void compareReads(int chance) {
            int maxEntries = 1 + chance % 5;
            long maxBytes = 1L + chance % 500;
            long next = model.previous.index() + 1;
            while (next <= model.last().index()) {
                List<Entry> read = log.entries(next, model.last().index(), maxEntries, maxBytes);
                assertThat(read).isNotEmpty().hasSizeLessThanOrEqualTo(maxEntries);
                if (read.size() > 1) {
                    assertThat(read.stream().mapToLong(Entry::sizeBytes).sum()).isLessThanOrEqualTo(maxBytes);
                }
                for (Entry entry : read) {
                    assertThat(entry).isEqualTo(model.at(next));
                    next++;
                }
            }
        }
    }
}
