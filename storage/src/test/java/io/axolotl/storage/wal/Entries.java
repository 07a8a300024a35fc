package io.axolotl.storage.wal;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Entries whose payload tells their id, so that a wrong one is seen. */
final class Entries {
    private Entries() {}

    static Entry entry(long term, long index) {
        String text = "entry " + term + "." + index + " ";
        String payload = text.repeat(1 + (int) (index % 5));
        return new Entry(new EntryId(term, index), Entry.Kind.COMMAND, payload.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code count} entries of one term from index {@code first} on. */
    static List<Entry> entries(long term, long first, int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(entry(term, first + i));
        }
        return entries;
    }

    static List<Entry> concat(List<Entry> first, List<Entry> second) {
        List<Entry> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
