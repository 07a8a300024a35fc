package io.axolotl.jepsen.workload;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeyValue;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The verdict on a ledger: all keys read once, linearizably, at one revision, and held against what was reported (I4, I15).
 * Immutable.
 *
 * @param acknowledged writes that were reported as done
 * @param found how many of them are there exactly as written, at the revision that was acknowledged
 * @param lost how many of them are not there
 * @param duplicated keys that hold more than one execution of a write: a version above 1, or another revision than the
 *     acknowledged one
 * @param altered keys whose value is not the one that was written
 * @param phantoms keys that no writer wrote, or whose write was reported as refused
 * @param unknown writes whose outcome was reported as unknown
 * @param unknownApplied how many of them turned out to be applied
 * @param revision the revision at which all was read
 * @param examples the first few faults in words
 */
public record Audit(
        long acknowledged,
        long found,
        long lost,
        long duplicated,
        long altered,
        long phantoms,
        long unknown,
        long unknownApplied,
        long revision,
        List<String> examples) {
    public Audit {
        examples = List.copyOf(examples);
    }

    /** Whether every acknowledged write is there once, and nothing is there that must not be. */
    public boolean isClean() {
        return lost == 0 && duplicated == 0 && altered == 0 && phantoms == 0 && found == acknowledged;
    }

    /** Reads everything that was written under the ledger's prefix. @param ledger of writers that have ended */
    public static Audit of(Ledger ledger, AxolotlClient client) {
        Examiner examiner = new Examiner(ledger);
        Bytes prefix = Bytes.of(ledger.prefix());
        long revision = KeyPages.forEach(client, prefix, 0, false, kv -> {
            if (kv.key().startsWith(prefix)) {
                examiner.examine(kv);
            }
        });
        return examiner.verdict(revision);
    }

    /** In the words of the recovery demo: {@code acknowledged 12, found 12, lost 0, duplicated 0}. */
    @Override
    public String toString() {
        String summary = "acknowledged " + acknowledged + ", found " + found + ", lost " + lost + ", duplicated "
                + duplicated
                + ", altered " + altered + ", phantoms " + phantoms + ", unknown " + unknown + " (" + unknownApplied
                + " of them applied)";
        return examples.isEmpty() ? summary : summary + "; " + String.join("; ", examples);
    }

    /** Collects the facts key by key. Confined to one thread. */
    static final class Examiner {
        private static final int EXAMPLES = 5;

        private final Ledger ledger;
        private final List<BitSet> seen = new ArrayList<>();
        private final List<String> examples = new ArrayList<>();
        private long found;
        private long duplicated;
        private long altered;
        private long phantoms;
        private long unknownApplied;

        Examiner(Ledger ledger) {
            this.ledger = ledger;
            for (int writer = 0; writer < ledger.writerCount(); writer++) {
                seen.add(new BitSet(ledger.count(writer)));
            }
        }

        void examine(KeyValue kv) {
            Optional<UniqueWrite> known = UniqueWrite.ofKey(ledger.prefix(), kv.key())
                    .filter(write ->
                            write.writer() < ledger.writerCount() && write.sequence() < ledger.count(write.writer()));
            if (known.isEmpty()) {
                phantoms++;
                example(kv, "was never written");
                return;
            }
            UniqueWrite write = known.get();
            seen.get(write.writer()).set(write.sequence());
            long outcome = ledger.outcome(write.writer(), write.sequence());
            boolean isIntact = true;
            if (outcome == Ledger.REFUSED) {
                phantoms++;
                isIntact = false;
                example(kv, "is there although the client was told that it was refused");
            } else if (outcome == Ledger.UNKNOWN) {
                unknownApplied++;
            }
            if (!kv.value().equals(write.value())) {
                altered++;
                isIntact = false;
                example(kv, "has a value that nobody wrote");
            }
            if (kv.version() != 1 || (outcome > 0 && kv.modRevision() != outcome)) {
                duplicated++;
                isIntact = false;
                example(
                        kv,
                        "was executed more than once: version " + kv.version() + ", revision " + kv.modRevision()
                                + ", acknowledged at " + outcome);
            }
            if (outcome > 0 && isIntact) {
                found++;
            }
        }

        Audit verdict(long revision) {
            long lost = 0;
            for (int writer = 0; writer < ledger.writerCount(); writer++) {
                for (int sequence = 0; sequence < ledger.count(writer); sequence++) {
                    if (ledger.outcome(writer, sequence) > 0
                            && !seen.get(writer).get(sequence)) {
                        lost++;
                        example(
                                new UniqueWrite(ledger.prefix(), writer, sequence).key(),
                                "was acknowledged and is lost");
                    }
                }
            }
            return new Audit(
                    ledger.acknowledged(),
                    found,
                    lost,
                    duplicated,
                    altered,
                    phantoms,
                    ledger.unknown(),
                    unknownApplied,
                    revision,
                    examples);
        }

        private void example(KeyValue kv, String what) {
            example(kv.key(), what);
        }

        private void example(Bytes key, String what) {
            if (examples.size() < EXAMPLES) {
                examples.add(key + " " + what);
            }
        }
    }
}
