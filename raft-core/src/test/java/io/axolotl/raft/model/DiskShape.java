package io.axolotl.raft.model;

import io.axolotl.raft.testing.MemoryDisk;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;

/** Takes the shape of a disk in memory: what is synced, and the writes that wait. */
final class DiskShape {
    private static final List<Field> FIELDS = new ArrayList<>();

    static {
        for (Field field : MemoryDisk.class.getDeclaredFields()) {
            field.setAccessible(true);
            FIELDS.add(field);
        }
    }

    private DiskShape() {}

    static Shape of(MemoryDisk disk, long nowNanos) {
        List<Shape> parts = new ArrayList<>();
        for (Field field : FIELDS) {
            try {
                parts.add(CoreShape.of(field.get(disk), nowNanos));
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
        return new Shape.Row(parts);
    }
}
