package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which value one key had at which revision, as far as anybody was told. Filled by its maker, not changed afterwards. */
final class KeyFacts {
    private static final long SEVERAL = -1;

    private final Map<Long, String> values = new HashMap<>();
    private final Map<String, Long> revisions = new HashMap<>();
    private final Map<String, Integer> writers = new HashMap<>();

    KeyFacts(String key, Collection<KvCall> calls) {
        for (KvCall call : calls) {
            for (Action put : call.puts()) {
                if (put.key().equals(key)) {
                    writers.merge(put.value(), 1, Integer::sum);
                }
            }
            for (KvCall.Taken taken : call.taken()) {
                if (taken.action().kind().isPut() && taken.action().key().equals(key)) {
                    add(taken.action().value(), call.requireAnswer().revision());
                }
                for (Row row : taken.result().rows()) {
                    if (row.key().equals(key)) {
                        add(row.value(), row.mod());
                    }
                }
            }
        }
    }

    private void add(String value, long revision) {
        values.put(revision, value);
        revisions.merge(value, revision, (one, other) -> one.equals(other) ? one : SEVERAL);
    }

    /** The value at exactly this revision of the key; null if nobody was told of it. */
    @Nullable String valueOf(long revision) {
        return values.get(revision);
    }

    /** Whether anybody was told that the key had this value. */
    boolean isSeen(String value) {
        return revisions.containsKey(value);
    }

    /** The revision of the only put of this value; 0 if that is not known, or there are several. */
    long revisionOf(String value) {
        long revision = revisions.getOrDefault(value, 0L);
        return revision == SEVERAL || writers.getOrDefault(value, 0) != 1 ? 0 : revision;
    }
}
