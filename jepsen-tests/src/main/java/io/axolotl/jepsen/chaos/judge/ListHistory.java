package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.ListTxn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What all transactions together show of one list. Filled first and asked then; confined to one thread. */
final class ListHistory {
    private record Read(ListTxn txn, List<Long> elements) {}

    private final String key;
    private final Map<Long, ListTxn> writers = new HashMap<>();
    private final Map<Long, Integer> places = new HashMap<>();
    private final List<Read> reads = new ArrayList<>();
    private List<Long> longest = List.of();
    private @Nullable ListTxn longestReader;

    ListHistory(String key) {
        this.key = key;
    }

    void take(ListTxn txn, ListTxn.Access access, Findings findings) {
        List<Long> read = access.read();
        if (access.isAppend()) {
            ListTxn other = writers.put(access.element(), txn);
            if (other != null) {
                throw new IllegalArgumentException(
                        access.element() + " is appended to " + key + " twice: " + other + " and " + txn);
            }
        } else if (read != null) {
            reads.add(new Read(txn, read));
            if (new HashSet<>(read).size() != read.size()) {
                findings.add("duplicate: an element is in " + key + " twice", txn);
            }
            if (read.size() > longest.size()) {
                longest = read;
                longestReader = txn;
                places.clear();
                for (int place = 0; place < read.size(); place++) {
                    places.put(read.get(place), place);
                }
            }
        }
    }

    boolean isSeen(long element) {
        return places.containsKey(element);
    }

    /** What no order of transactions can explain. */
    void check(Findings findings) {
        for (Read read : reads) {
            int common = Math.min(read.elements.size(), longest.size());
            if (!read.elements.equals(longest.subList(0, common)) && longestReader != null) {
                findings.add("incompatible order: two reads of " + key + " differ", read.txn, longestReader);
            }
            checkSources(read, findings);
        }
    }

    private void checkSources(Read read, Findings findings) {
        for (long element : read.elements) {
            ListTxn writer = writers.get(element);
            if (writer == null) {
                findings.add("phantom: nobody ever appended " + element + " to " + key, read.txn);
            } else if (writer.call().outcome() == Outcome.REFUSED) {
                findings.add("G1a: a read of " + key + " shows " + element + ", which was refused", read.txn, writer);
            }
        }
        if (read.elements.isEmpty()) {
            return;
        }
        long last = read.elements.get(read.elements.size() - 1);
        ListTxn writer = writers.get(last);
        if (writer == null || writer.call().id() == read.txn.call().id()) {
            return;
        }
        boolean isPast = false;
        for (ListTxn.Access access : writer.accesses()) {
            if (access.isAppend() && access.key().equals(key)) {
                if (isPast) {
                    findings.add(
                            "G1b: a read of " + key + " ends with " + last + ", in the middle of a transaction",
                            read.txn,
                            writer);
                    return;
                }
                isPast = access.element() == last;
            }
        }
    }

    /** Appends follow each other as the longest read shows; those that nobody saw come after all that was seen. */
    void addWrites(Dependencies dependencies, Map<Long, Integer> numbers) {
        for (int place = 1; place < longest.size(); place++) {
            Integer from = number(longest.get(place - 1), numbers);
            Integer to = number(longest.get(place), numbers);
            if (from != null && to != null) {
                dependencies.add(
                        from,
                        to,
                        Dependencies.Kind.WW,
                        "in " + key + " " + longest.get(place - 1) + " stands directly before " + longest.get(place));
            }
        }
        if (longest.isEmpty()) {
            return;
        }
        long last = longest.get(longest.size() - 1);
        Integer from = number(last, numbers);
        if (from != null) {
            unseen(numbers)
                    .forEach((element, to) -> dependencies.add(
                            from,
                            to,
                            Dependencies.Kind.WW,
                            "in " + key + " " + last + " was the last when " + element
                                    + ", which was appended, was not there"));
        }
    }

    /** @param elements what the transaction read before it appended anything here itself */
    void addRead(int reader, List<Long> elements, Dependencies dependencies, Map<Long, Integer> numbers) {
        if (!elements.isEmpty()) {
            long last = elements.get(elements.size() - 1);
            Integer writer = number(last, numbers);
            if (writer != null) {
                dependencies.add(
                        writer,
                        reader,
                        Dependencies.Kind.WR,
                        "it appended " + last + " to " + key + ", which the other read");
            }
        }
        if (elements.size() < longest.size()) {
            long next = longest.get(elements.size());
            Integer writer = number(next, numbers);
            if (writer != null) {
                dependencies.add(
                        reader, writer, Dependencies.Kind.RW, "it read " + key + " before " + next + " was there");
            }
            return;
        }
        unseen(numbers)
                .forEach((element, writer) -> dependencies.add(
                        reader,
                        writer,
                        Dependencies.Kind.RW,
                        "it read " + key + " before " + element + ", which was appended, was there"));
    }

    private @Nullable Integer number(long element, Map<Long, Integer> numbers) {
        ListTxn writer = writers.get(element);
        return writer == null ? null : numbers.get(writer.call().id());
    }

    /** What no read shows, with who appended it: done, or of unknown outcome and seen in another list, since nobody does half. */
    private Map<Long, Integer> unseen(Map<Long, Integer> numbers) {
        Map<Long, Integer> unseen = new TreeMap<>();
        for (long element : writers.keySet()) {
            Integer writer = number(element, numbers);
            if (writer != null && !places.containsKey(element)) {
                unseen.put(element, writer);
            }
        }
        return unseen;
    }
}
