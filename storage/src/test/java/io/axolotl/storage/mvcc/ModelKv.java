package io.axolotl.storage.mvcc;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the store must do, written down as plainly as possible from the contract (B.1 to B.6), with no thought for speed:
 * a full copy of the keys for every revision. Tests and the simulator hold the real store against it.
 *
 * <p>Members are not modelled. Leases are there or not ({@link #grant}, {@link #end}); a put with one that is not is refused.
 *
 * <p>Confined to one thread.
 */
public final class ModelKv {
    /** The keys as of each revision that is not compacted. Latin-1 strings sort as their bytes do, unsigned. */
    private final NavigableMap<Long, NavigableMap<String, KeyValue>> history = new TreeMap<>();

    private long revision = 1;
    private long compactRevision = -1;

    /** The keys as the command in progress sees them, and whether it has changed any. */
    private NavigableMap<String, KeyValue> now = new TreeMap<>();

    private boolean isChanged;

    private final Set<Long> leases = new TreeSet<>();

    public ModelKv() {
        history.put(1L, new TreeMap<>());
    }

    public long revision() {
        return revision;
    }

    public long compactRevision() {
        return compactRevision;
    }

    /** All keys at {@link #revision}, in order. */
    public List<KeyValue> keyValues() {
        return List.copyOf(now.values());
    }

    /** Returns false if the lease was there. */
    public boolean grant(long lease) {
        return leases.add(lease);
    }

    public boolean hasLease(long lease) {
        return leases.contains(lease);
    }

    /** The keys that hang on a lease, in order. */
    public List<KeyValue> attached(long lease) {
        return now.values().stream().filter(kv -> kv.lease() == lease).toList();
    }

    /** Takes a lease and its keys away, in one revision if there are any (LE-3). Returns false if it was not there. */
    public boolean end(long lease) {
        if (!leases.remove(lease)) {
            return false;
        }
        List<KeyValue> doomed = attached(lease);
        doomed.forEach(kv -> now.remove(text(kv.key())));
        if (!doomed.isEmpty()) {
            revision++;
            history.put(revision, new TreeMap<>(now));
        }
        return true;
    }

    private boolean lacksItsLease(Command.Put put) {
        return put.lease() != 0 && !leases.contains(put.lease());
    }

    public CommandResult apply(Command command) {
        CommandResult result;
        if (command instanceof Command.Put put) {
            result = lacksItsLease(put)
                    ? new CommandResult.Refused(Refusal.LEASE_NOT_FOUND)
                    : lacksItsKey(put) ? new CommandResult.Refused(Refusal.KEY_NOT_FOUND) : put(put);
        } else if (command instanceof Command.DeleteRange delete) {
            result = deleteRange(delete);
        } else if (command instanceof Command.Txn txn) {
            result = txn(txn);
        } else if (command instanceof Command.Compact compact) {
            result = compact(compact);
        } else {
            throw new IllegalArgumentException("not modelled: " + command);
        }
        if (isChanged) {
            revision++;
            history.put(revision, new TreeMap<>(now));
            isChanged = false;
        }
        return result;
    }

    /** A range read from outside any transaction. */
    public RangeAnswer range(RangeQuery query) {
        if (query.revision() > revision) {
            return new RangeAnswer.Refused(Refusal.FUTURE_REVISION);
        }
        if (query.revision() > 0 && query.revision() < compactRevision) {
            return new RangeAnswer.Refused(Refusal.COMPACTED);
        }
        return found(query);
    }

    private long inProgress() {
        return isChanged ? revision + 1 : revision;
    }

    private RangeAnswer.Found found(RangeQuery query) {
        boolean isOld = query.revision() > 0 && query.revision() < inProgress();
        NavigableMap<String, KeyValue> keys = isOld ? Objects.requireNonNull(history.get(query.revision())) : now;
        List<KeyValue> inRange = new ArrayList<>(select(keys, query.key(), query.rangeEnd()));
        long count = inRange.size();
        if (query.isCountOnly()) {
            return new RangeAnswer.Found(inProgress(), List.of(), false, count);
        }
        boolean hasFilters = query.minModRevision() != 0
                || query.maxModRevision() != 0
                || query.minCreateRevision() != 0
                || query.maxCreateRevision() != 0;
        boolean limitsFirst = query.sortOrder() == RangeQuery.SortOrder.NONE && !hasFilters && query.limit() > 0;
        if (limitsFirst && inRange.size() > query.limit() + 1) {
            inRange = new ArrayList<>(inRange.subList(0, (int) query.limit() + 1));
        }
        inRange.removeIf(kv -> (query.minModRevision() != 0 && kv.modRevision() < query.minModRevision())
                || (query.maxModRevision() != 0 && kv.modRevision() > query.maxModRevision())
                || (query.minCreateRevision() != 0 && kv.createRevision() < query.minCreateRevision())
                || (query.maxCreateRevision() != 0 && kv.createRevision() > query.maxCreateRevision()));
        Comparator<KeyValue> order = switch (query.sortTarget()) {
            case KEY -> Comparator.comparing(kv -> text(kv.key()));
            case VERSION -> Comparator.comparingLong(KeyValue::version);
            case CREATE -> Comparator.comparingLong(KeyValue::createRevision);
            case MOD -> Comparator.comparingLong(KeyValue::modRevision);
            case VALUE -> Comparator.comparing(kv -> text(kv.value()));
        };
        inRange.sort(query.sortOrder() == RangeQuery.SortOrder.DESCEND ? order.reversed() : order);
        boolean more = query.limit() > 0 && inRange.size() > query.limit();
        if (more) {
            inRange = inRange.subList(0, (int) query.limit());
        }
        if (query.isKeysOnly()) {
            inRange = inRange.stream()
                    .map(kv -> new KeyValue(
                            kv.key(), kv.createRevision(), kv.modRevision(), kv.version(), new byte[0], kv.lease()))
                    .toList();
        }
        return new RangeAnswer.Found(inProgress(), List.copyOf(inRange), more, count);
    }

    private boolean lacksItsKey(Command.Put put) {
        return (put.ignoreValue() || put.ignoreLease()) && !now.containsKey(text(put.key()));
    }

    private CommandResult.Put put(Command.Put put) {
        KeyValue before = now.get(text(put.key()));
        byte[] value = put.ignoreValue() && before != null ? before.value() : put.value();
        long lease = put.ignoreLease() && before != null ? before.lease() : put.lease();
        isChanged = true;
        long here = inProgress();
        now.put(
                text(put.key()),
                before == null
                        ? new KeyValue(put.key(), here, here, 1, value, lease)
                        : new KeyValue(put.key(), before.createRevision(), here, before.version() + 1, value, lease));
        return new CommandResult.Put(here, put.prevKv() ? before : null);
    }

    private CommandResult.DeleteRange deleteRange(Command.DeleteRange delete) {
        List<KeyValue> doomed = select(now, delete.key(), delete.rangeEnd());
        doomed.forEach(kv -> now.remove(text(kv.key())));
        isChanged |= !doomed.isEmpty();
        return new CommandResult.DeleteRange(inProgress(), doomed.size(), delete.prevKv() ? doomed : List.of());
    }

    private CommandResult compact(Command.Compact compact) {
        if (compact.revision() <= compactRevision) {
            return new CommandResult.Refused(Refusal.COMPACTED);
        }
        if (compact.revision() > revision) {
            return new CommandResult.Refused(Refusal.FUTURE_REVISION);
        }
        compactRevision = compact.revision();
        history.headMap(compactRevision, false).clear();
        return new CommandResult.Compacted(revision);
    }

    private CommandResult txn(Command.Txn txn) {
        Plan plan = plan(txn);
        Refusal refusal = refusal(plan);
        return refusal != null ? new CommandResult.Refused(refusal) : run(plan);
    }

    /** A transaction with the choice made, nested ones too, on the state before it. */
    private record Plan(boolean succeeded, List<Object> steps) {}

    private Plan plan(Command.Txn txn) {
        boolean succeeded = txn.compares().stream().allMatch(this::holds);
        List<Object> steps = new ArrayList<>();
        for (Command.Op op : succeeded ? txn.success() : txn.failure()) {
            steps.add(op instanceof Command.Txn nested ? plan(nested) : op);
        }
        return new Plan(succeeded, steps);
    }

    private @Nullable Refusal refusal(Plan plan) {
        for (Object step : plan.steps) {
            Refusal refusal = null;
            if (step instanceof Plan nested) {
                refusal = refusal(nested);
            } else if (step instanceof Command.Put put) {
                refusal =
                        lacksItsKey(put) ? Refusal.KEY_NOT_FOUND : lacksItsLease(put) ? Refusal.LEASE_NOT_FOUND : null;
            } else if (step instanceof Command.Range range
                    && range(range.query()) instanceof RangeAnswer.Refused refused) {
                refusal = refused.why();
            }
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private CommandResult.Txn run(Plan plan) {
        List<CommandResult.OpResult> results = new ArrayList<>();
        for (Object step : plan.steps) {
            if (step instanceof Plan nested) {
                results.add(run(nested));
            } else if (step instanceof Command.Put put) {
                results.add(put(put));
            } else if (step instanceof Command.DeleteRange delete) {
                results.add(deleteRange(delete));
            } else if (step instanceof Command.Range range) {
                results.add(new CommandResult.Range(found(range.query())));
            } else {
                throw new AssertionError("an unknown step: " + step);
            }
        }
        return new CommandResult.Txn(inProgress(), plan.succeeded, results);
    }

    private boolean holds(Command.Compare compare) {
        List<KeyValue> stored = select(now, compare.key(), compare.rangeEnd());
        if (stored.isEmpty()) {
            return compare.target() != Command.Target.VALUE
                    && holds(compare, new KeyValue(compare.key(), 0, 0, 0, new byte[0], 0));
        }
        return stored.stream().allMatch(kv -> holds(compare, kv));
    }

    private static boolean holds(Command.Compare compare, KeyValue kv) {
        int order = switch (compare.target()) {
            case VERSION -> Long.compare(kv.version(), compare.number());
            case CREATE -> Long.compare(kv.createRevision(), compare.number());
            case MOD -> Long.compare(kv.modRevision(), compare.number());
            case LEASE -> Long.compare(kv.lease(), compare.number());
            case VALUE -> text(kv.value()).compareTo(text(compare.value()));
        };
        return switch (compare.operator()) {
            case EQUAL -> order == 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case NOT_EQUAL -> order != 0;
        };
    }

    private static List<KeyValue> select(NavigableMap<String, KeyValue> keys, byte[] key, byte[] rangeEnd) {
        return keys.entrySet().stream()
                .filter(entry -> {
                    String name = entry.getKey();
                    if (rangeEnd.length == 0) {
                        return name.equals(text(key));
                    }
                    boolean isOpen = Arrays.equals(rangeEnd, new byte[1]);
                    return name.compareTo(text(key)) >= 0 && (isOpen || name.compareTo(text(rangeEnd)) < 0);
                })
                .map(Map.Entry::getValue)
                .collect(Collectors.toList());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** A result in words, for comparing: arrays by content. */
    public static String show(@Nullable Object result) {
        if (result instanceof KeyValue kv) {
            return String.format(
                    "%s=%s(%d..%d v%d l%d)",
                    text(kv.key()), text(kv.value()), kv.createRevision(), kv.modRevision(), kv.version(), kv.lease());
        } else if (result instanceof RangeAnswer.Found found) {
            return "found@" + found.revision() + show(found.kvs()) + " more " + found.more() + " of " + found.count();
        } else if (result instanceof CommandResult.Range range) {
            return show(range.answer());
        } else if (result instanceof CommandResult.Put put) {
            return "put@" + put.revision() + " was " + show(put.previous());
        } else if (result instanceof CommandResult.DeleteRange delete) {
            return "deleted@" + delete.revision() + " " + delete.deleted() + show(delete.previous());
        } else if (result instanceof CommandResult.Txn txn) {
            return "txn@" + txn.revision() + " " + txn.succeeded() + show(txn.responses());
        } else if (result instanceof List<?> list) {
            return list.stream().map(ModelKv::show).collect(Collectors.joining(", ", "[", "]"));
        }
        return String.valueOf(result);
    }
}
