package io.axolotl.storage.auth;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;
import java.util.ArrayList;
import java.util.List;

/**
 * A user. The value of {@code meta} under the user's key, drawn in docs/formats/rocksdb-keys.md. Immutable by convention: arrays
 * are shared.
 *
 * @param passwordHash as bcrypt writes it; empty if the user has no password and can come by certificate or JWT only
 * @param roles in the order of their bytes
 * @param credentialIndex the entry that last gave the user its password; tokens of before mean nothing
 */
public record User(String name, byte[] passwordHash, List<String> roles, long credentialIndex) {
    /** Whose holders may do everything (AU-6), and the user whom AuthEnable asks for (AU-5). */
    public static final String ROOT = "root";

    private static final int VERSION = 1;

    public User {
        roles = List.copyOf(roles);
    }

    public boolean hasPassword() {
        return passwordHash.length > 0;
    }

    public boolean isRoot() {
        return roles.contains(ROOT);
    }

    User withRoles(List<String> newRoles) {
        return new User(name, passwordHash, newRoles, credentialIndex);
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
        out.varint(credentialIndex);
        out.bytes(passwordHash);
        out.varint(roles.size());
        roles.forEach(role -> out.bytes(Names.bytes(role)));
    }

    /**
     * @throws StoreDamagedException if these are not the bytes of a user
     * @throws UnknownFormatException if they are of another version
     */
    static User decode(String name, byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.u8();
            if (version != VERSION) {
                throw new UnknownFormatException(
                        "the record of the user " + name + " has version " + version, "version " + VERSION);
            }
            long credentialIndex = in.varint();
            byte[] hash = in.bytes();
            int count = in.count();
            List<String> roles = new ArrayList<>(Math.min(count, 128));
            for (int i = 0; i < count; i++) {
                roles.add(Names.text(in.bytes()));
            }
            in.end();
            return new User(name, hash, roles, credentialIndex);
        } catch (MalformedBytesException e) {
            throw new StoreDamagedException("the record of the user " + name + " is malformed: " + e.getMessage(), e);
        }
    }

    /** Without the hash of the password. */
    @Override
    public String toString() {
        return "user " + name + " with the roles " + roles;
    }
}
