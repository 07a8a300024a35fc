package io.axolotl.storage.auth;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.command.Permission;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A role. The value of {@code meta} under the role's key, drawn in docs/formats/rocksdb-keys.md. Immutable.
 *
 * @param permissions by key, then by end; no range twice
 */
public record Role(String name, List<Permission> permissions) {
    private static final int VERSION = 1;
    private static final List<Permission.Type> TYPES = List.of(Permission.Type.values());
    private static final Comparator<Permission> ORDER = Comparator.comparing(Permission::key, Arrays::compareUnsigned)
            .thenComparing(Permission::rangeEnd, Arrays::compareUnsigned);

    public Role {
        permissions = List.copyOf(permissions);
    }

    boolean has(byte[] key, byte[] rangeEnd) {
        return permissions.stream().anyMatch(permission -> permission.isOf(key, rangeEnd));
    }

    /** The same range again has another type from now on (AU-8). */
    Role with(Permission granted) {
        List<Permission> after = new ArrayList<>(without(granted.key(), granted.rangeEnd()).permissions);
        after.add(granted);
        after.sort(ORDER);
        return new Role(name, after);
    }

    Role without(byte[] key, byte[] rangeEnd) {
        return new Role(
                name,
                permissions.stream()
                        .filter(permission -> !permission.isOf(key, rangeEnd))
                        .toList());
    }

    byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out);
        return out.toArray();
    }

    private void write(ByteSink out) {
        out.u8(VERSION);
        out.varint(permissions.size());
        for (Permission permission : permissions) {
            out.u8(TYPES.indexOf(permission.type()));
            out.bytes(permission.key());
            out.bytes(permission.rangeEnd());
        }
    }

    /**
     * @throws StoreDamagedException if these are not the bytes of a role
     * @throws UnknownFormatException if they are of another version
     */
    static Role decode(String name, byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.u8();
            if (version != VERSION) {
                throw new UnknownFormatException(
                        "the record of the role " + name + " has version " + version, "version " + VERSION);
            }
            int count = in.count();
            List<Permission> permissions = new ArrayList<>(Math.min(count, 128));
            for (int i = 0; i < count; i++) {
                int type = in.u8();
                if (type >= TYPES.size()) {
                    throw new StoreDamagedException(
                            "the record of the role " + name + " has a permission of type " + type);
                }
                permissions.add(new Permission(TYPES.get(type), in.bytes(), in.bytes()));
            }
            in.end();
            return new Role(name, permissions);
        } catch (MalformedBytesException e) {
            throw new StoreDamagedException("the record of the role " + name + " is malformed: " + e.getMessage(), e);
        }
    }
}
