package io.axolotl.raft.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Values by numbers, with open addressing: boxed keys would cost the search most of its time. */
final class LongTable<V> {
    private long[] keys = new long[1 << 10];
    private @Nullable Object[] values = new Object[1 << 10];
    private int size;

    int size() {
        return size;
    }

    @SuppressWarnings("unchecked")
    @Nullable V get(long key) {
        return (V) values[slot(keys, values, key)];
    }

    void put(long key, V value) {
        if (2 * (size + 1) > keys.length) {
            grow();
        }
        int slot = slot(keys, values, key);
        if (values[slot] == null) {
            size++;
        }
        keys[slot] = key;
        values[slot] = value;
    }

    private void grow() {
        long[] largerKeys = new long[keys.length * 2];
        @Nullable Object[] largerValues = new Object[keys.length * 2];
        for (int i = 0; i < keys.length; i++) {
            if (values[i] != null) {
                int slot = slot(largerKeys, largerValues, keys[i]);
                largerKeys[slot] = keys[i];
                largerValues[slot] = values[i];
            }
        }
        keys = largerKeys;
        values = largerValues;
    }

    private static int slot(long[] keys, @Nullable Object[] values, long key) {
        int mask = keys.length - 1;
        int slot = (int) Shape.mix(key) & mask;
        while (values[slot] != null && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** Numbers that have been met; 0 is not for use. */
    static final class Met {
        private long[] slots = new long[1 << 16];
        private int size;

        int size() {
            return size;
        }

        /** @return whether it is new */
        boolean add(long number) {
            if (number == 0) {
                throw new IllegalArgumentException("0 marks a free place");
            }
            if (2L * (size + 1) > slots.length) {
                long[] before = slots;
                slots = new long[before.length * 2];
                Arrays.stream(before).filter(each -> each != 0).forEach(this::place);
            }
            boolean isNew = place(number);
            size += isNew ? 1 : 0;
            return isNew;
        }

        private boolean place(long number) {
            int mask = slots.length - 1;
            // The numbers are hashes already.
            int slot = (int) (number >>> 20) & mask;
            while (slots[slot] != 0 && slots[slot] != number) {
                slot = (slot + 1) & mask;
            }
            boolean isNew = slots[slot] == 0;
            slots[slot] = number;
            return isNew;
        }
    }
}
