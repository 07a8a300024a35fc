package io.axolotl.storage.auth;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.command.Permission;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Users, roles and whether they are asked for, as of some applied entry.
 *
 * <p>Immutable: safe for all threads. What follows for a user is worked out when it is first asked for.
 */
public final class AuthState {
    private static final int VERSION = 1;
    private static final int ENABLED = 1;

    private final boolean isEnabled;
    private final long revision;
    private final long enabledIndex;
    private final NavigableMap<String, User> users;
    private final NavigableMap<String, Role> roles;
    private final Map<String, Rights> rights = new ConcurrentHashMap<>();

    /** What the roles of a user come to. Immutable. */
    record Rights(KeyRanges reads, KeyRanges writes) {}

    AuthState(
            boolean isEnabled,
            long revision,
            long enabledIndex,
            NavigableMap<String, User> users,
            NavigableMap<String, Role> roles) {
        this.isEnabled = isEnabled;
        this.revision = revision;
        this.enabledIndex = enabledIndex;
        this.users = Collections.unmodifiableNavigableMap(users);
        this.roles = Collections.unmodifiableNavigableMap(roles);
    }

    /** Of a store that knows nobody. The first change makes the auth revision 2, as with etcd. */
    static AuthState fresh() {
        return new AuthState(false, 1, 0, new TreeMap<>(Names.ORDER), new TreeMap<>(Names.ORDER));
    }

    /**
     * What an engine holds.
     *
     * @throws StoreDamagedException if it is malformed
     * @throws UnknownFormatException if it is of another version
     */
    public static AuthState read(KvEngine engine) {
        NavigableMap<String, User> users = new TreeMap<>(Names.ORDER);
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.usersFrom(), MetaKeys.usersTo())) {
            while (cursor.next()) {
                String name = Names.text(MetaKeys.nameOf(cursor.key()));
                users.put(name, User.decode(name, cursor.value()));
            }
        }
        NavigableMap<String, Role> roles = new TreeMap<>(Names.ORDER);
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.rolesFrom(), MetaKeys.rolesTo())) {
            while (cursor.next()) {
                String name = Names.text(MetaKeys.nameOf(cursor.key()));
                roles.put(name, Role.decode(name, cursor.value()));
            }
        }
        byte[] record = engine.get(Space.META, MetaKeys.auth());
        if (record == null) {
            if (!users.isEmpty() || !roles.isEmpty()) {
                throw new StoreDamagedException("it has users or roles, and no record of whether they are asked for");
            }
            return fresh();
        }
        return decode(record, users, roles);
    }

    private static AuthState decode(byte[] record, NavigableMap<String, User> users, NavigableMap<String, Role> roles) {
        try {
            ByteSource in = new ByteSource(record);
            int version = in.u8();
            if (version != VERSION) {
                throw new UnknownFormatException(
                        "its record of access control has version " + version, "version " + VERSION);
            }
            int flags = in.u8();
            AuthState state = new AuthState((flags & ENABLED) != 0, in.varint(), in.varint(), users, roles);
            in.end();
            if ((flags & ~ENABLED) != 0) {
                throw new StoreDamagedException("its record of access control has the unknown flags " + flags);
            }
            return state;
        } catch (MalformedBytesException e) {
            throw new StoreDamagedException("its record of access control is malformed: " + e.getMessage(), e);
        }
    }

    /** The record of everything but users and roles, which have their own. */
    byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out);
        return out.toArray();
    }

    private void write(ByteSink out) {
        out.u8(VERSION);
        out.u8(isEnabled ? ENABLED : 0);
        out.varint(revision);
        out.varint(enabledIndex);
    }

    public boolean isEnabled() {
        return isEnabled;
    }

    /** Grows with every change of users, roles and permissions, and when access control is switched off (AU-13). */
    public long revision() {
        return revision;
    }

    public @Nullable User user(String name) {
        return users.get(name);
    }

    public @Nullable Role role(String name) {
        return roles.get(name);
    }

    /** In the order of their bytes. */
    public Collection<String> userNames() {
        return users.keySet();
    }

    /** In the order of their bytes. */
    public Collection<String> roleNames() {
        return roles.keySet();
    }

    /**
     * Whether a token that entry {@code index} gave to a user still means something: the user is there, has the password it
     * had then, and access control was not switched on since.
     */
    public boolean honours(String userName, long index) {
        User user = users.get(userName);
        return user != null && index > user.credentialIndex() && index > enabledIndex;
    }

    Rights rightsOf(User user) {
        return rights.computeIfAbsent(user.name(), name -> {
            List<KeyRanges.Span> reads = new ArrayList<>();
            List<KeyRanges.Span> writes = new ArrayList<>();
            for (String roleName : user.roles()) {
                Role role = roles.get(roleName);
                for (Permission permission : role == null ? List.<Permission>of() : role.permissions()) {
                    KeyRanges.Span span = KeyRanges.span(permission.key(), permission.rangeEnd());
                    if (permission.type().isRead()) {
                        reads.add(span);
                    }
                    if (permission.type().isWrite()) {
                        writes.add(span);
                    }
                }
            }
            return new Rights(KeyRanges.of(reads), KeyRanges.of(writes));
        });
    }

    // For the rules, which change copies.

    NavigableMap<String, User> copyOfUsers() {
        return new TreeMap<>(users);
    }

    NavigableMap<String, Role> copyOfRoles() {
        return new TreeMap<>(roles);
    }

    AuthState changed(NavigableMap<String, User> newUsers, NavigableMap<String, Role> newRoles) {
        return new AuthState(isEnabled, revision + 1, enabledIndex, newUsers, newRoles);
    }

    /** etcd does not count it. */
    AuthState enabled(long index) {
        return new AuthState(true, revision, index, copyOfUsers(), copyOfRoles());
    }

    AuthState disabled() {
        return new AuthState(false, revision + 1, enabledIndex, copyOfUsers(), copyOfRoles());
    }
}
