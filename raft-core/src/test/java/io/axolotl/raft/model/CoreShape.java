package io.axolotl.raft.model;

import io.axolotl.raft.ElectionTimeouts;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.log.UnstableLog;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.replication.InflightWindow;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes the shape of whatever the core is made of, by reflection: complete by construction. What decides nothing is left out
 * by name, with its reason, in {@link #MEANINGLESS}; a type without a rule is an error.
 *
 * <p>By the project's naming a {@code long} whose name ends in {@code Nanos} is a moment, unless {@link #DURATIONS} names it.
 * Moments count from the node's own now, so that nothing but distances tells states apart; 0 is a moment that never was.
 */
final class CoreShape {
    private static final Set<String> DURATIONS = Set.of("usualNanos", "slowInARowNanos", "runningNanos", "lengthNanos");

    private static final Set<String> MEANINGLESS = Set.of(
            // Without lease reads nobody looks at it.
            "NodeState.promisedUntilNanos",
            // Told to people only.
            "Outbox.trace");

    private static final int DEEPEST = 60;
    private static final Shape NOTHING = new Shape.Value(0x7e57);
    private static final Map<Class<?>, List<Part>> PARTS = new HashMap<>();

    private enum Meaning {
        NOTHING,
        MOMENT,
        /** Moments by whatever. */
        MOMENTS,
        VALUE
    }

    private record Part(Field field, Meaning meaning) {}

    private final long nowNanos;

    private CoreShape(long nowNanos) {
        this.nowNanos = nowNanos;
    }

    /** @param nowNanos of the node that the value belongs to; any number if it holds no moments */
    static Shape of(@Nullable Object value, long nowNanos) {
        return new CoreShape(nowNanos).shape(value, 0);
    }

    private Shape shape(@Nullable Object value, int depth) {
        if (depth > DEEPEST) {
            throw new AssertionError("the core refers to itself in a circle, at " + value);
        }
        if (value == null || value instanceof String) {
            // Strings are for people; nothing in the core looks at one.
            return NOTHING;
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return new Shape.Value(((Number) value).longValue());
        }
        if (value instanceof Boolean bit) {
            return new Shape.Value(bit ? 1 : 2);
        }
        if (value instanceof Enum<?> constant) {
            return new Shape.Value(constant.name().hashCode());
        }
        if (value instanceof NodeId id) {
            return new Shape.Name(id);
        }
        if (value instanceof Entry entry) {
            Object payload = entry.kind() == Entry.Kind.MEMBERSHIP
                    ? Membership.decode(entry.payload())
                    : (Object) entry.payload();
            return Shape.Row.of(
                    shape(entry.id(), depth + 1), shape(entry.kind(), depth + 1), shape(payload, depth + 1));
        }
        if (value instanceof byte[] bytes) {
            return new Shape.Value(Arrays.hashCode(bytes));
        }
        if (value instanceof RaftConfig || value instanceof ElectionTimeouts || value instanceof LogReader) {
            // The same for the whole life of a node, or described apart.
            return NOTHING;
        }
        if (value instanceof UnstableLog tail) {
            List<Shape> parts = new ArrayList<>();
            parts.add(new Shape.Value(tail.firstIndex()));
            for (long i = tail.firstIndex(); i < tail.endIndex(); i++) {
                parts.add(shape(tail.get(i), depth + 1));
            }
            return new Shape.Row(parts);
        }
        if (value instanceof InflightWindow window) {
            return window(window);
        }
        if (value instanceof NodeId[] ids) {
            return bag(Arrays.asList(ids), depth);
        }
        if (value instanceof Set<?> set) {
            return bag(set, depth);
        }
        if (value instanceof Collection<?> row) {
            if (!row.isEmpty() && row.iterator().next() instanceof Envelope) {
                // They leave together, in the order of their receivers' ids, and the network keeps none.
                return bag(row, depth);
            }
            List<Shape> parts = new ArrayList<>(row.size());
            row.forEach(each -> parts.add(shape(each, depth + 1)));
            return new Shape.Row(parts);
        }
        if (value instanceof Map<?, ?> map) {
            return map(map, false, depth);
        }
        if (value.getClass().getName().startsWith("io.axolotl.raft.")) {
            return object(value, depth);
        }
        throw new AssertionError("no rule for the shape of a " + value.getClass() + ": add one to CoreShape");
    }

    private Shape bag(Collection<?> values, int depth) {
        List<Shape> parts = new ArrayList<>(values.size());
        values.forEach(each -> parts.add(shape(each, depth + 1)));
        return new Shape.Bag(parts);
    }

    private Shape map(Map<?, ?> map, boolean isOfMoments, int depth) {
        List<Shape> parts = new ArrayList<>(map.size());
        boolean isByNode = false;
        for (Map.Entry<?, ?> each : map.entrySet()) {
            isByNode |= each.getKey() instanceof NodeId;
            Shape held =
                    isOfMoments && each.getValue() instanceof Long at ? moment(at) : shape(each.getValue(), depth + 1);
            parts.add(Shape.Row.of(shape(each.getKey(), depth + 1), held));
        }
        return isByNode ? new Shape.Bag(parts) : new Shape.Row(parts);
    }

    private Shape moment(long atNanos) {
        return atNanos == 0 ? NOTHING : new Shape.Value(atNanos - nowNanos);
    }

    /** What is in flight, wherever in its ring it stands. */
    private Shape window(InflightWindow window) {
        try {
            List<Shape> parts = new ArrayList<>();
            long[] lastIndexes = (long[]) field(window, "lastIndexes").get(window);
            long[] sizes = (long[]) field(window, "sizesBytes").get(window);
            long[] sentAt = (long[]) field(window, "sentAtNanos").get(window);
            int head = field(window, "head").getInt(window);
            for (int i = 0; i < window.count(); i++) {
                int at = (head + i) % lastIndexes.length;
                parts.add(
                        Shape.Row.of(new Shape.Value(lastIndexes[at]), new Shape.Value(sizes[at]), moment(sentAt[at])));
            }
            return new Shape.Row(parts);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static Field field(Object owner, String name) {
        return parts(owner.getClass()).stream()
                .map(Part::field)
                .filter(field -> field.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(owner.getClass() + " has no field " + name));
    }

    private Shape object(Object value, int depth) {
        List<Part> parts = parts(value.getClass());
        List<Shape> shapes = new ArrayList<>(parts.size() + 1);
        shapes.add(new Shape.Value(value.getClass().getName().hashCode()));
        for (Part part : parts) {
            shapes.add(part(value, part, depth));
        }
        return new Shape.Row(shapes);
    }

    private Shape part(Object owner, Part part, int depth) {
        try {
            return switch (part.meaning()) {
                case NOTHING -> NOTHING;
                case MOMENT -> moment(part.field().getLong(owner));
                case MOMENTS -> map((Map<?, ?>) part.field().get(owner), true, depth);
                case VALUE -> shape(part.field().get(owner), depth + 1);
            };
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Part> parts(Class<?> type) {
        return PARTS.computeIfAbsent(type, t -> {
            List<Part> found = new ArrayList<>();
            for (Class<?> each = t; each != null && each != Object.class; each = each.getSuperclass()) {
                for (Field field : each.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())) {
                        field.setAccessible(true);
                        found.add(new Part(field, meaning(t, field)));
                    }
                }
            }
            return found;
        });
    }

    private static Meaning meaning(Class<?> type, Field field) {
        String name = field.getName();
        if (MEANINGLESS.contains(type.getSimpleName() + "." + name)) {
            return Meaning.NOTHING;
        }
        if (field.getType() == long.class && name.endsWith("Nanos") && !DURATIONS.contains(name)) {
            return Meaning.MOMENT;
        }
        return name.equals("forwardedReads") ? Meaning.MOMENTS : Meaning.VALUE;
    }
}
