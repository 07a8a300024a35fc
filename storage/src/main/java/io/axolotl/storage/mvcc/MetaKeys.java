package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import java.util.Arrays;

/**
 * The keys of {@code meta}: one byte that says what it is, for members, leases and sessions their id, for users and roles their
 * name, and for attached keys the key. Drawn in docs/formats/rocksdb-keys.md.
 * From {@link #SHARED_FROM} on lies what is equal on all members; before it, what is each member's own.
 */
public final class MetaKeys {
    /** Says that this is a store, and of which format. */
    static final byte[] FORMAT = {0x01};

    /** The {@link StoreState}. */
    static final byte[] STATE = {0x02};

    /** A {@link Divergence}; there while this member's history is in doubt. */
    static final byte[] DIVERGED = {0x04};

    /** The {@link Provenance}. */
    static final byte[] PROVENANCE = {0x05};

    static final byte[] SHARED_FROM = {0x10};

    private static final byte CHECKPOINT_CODE = 0x03;
    private static final byte MEMBERSHIP_CODE = 0x10;
    private static final byte MEMBER_CODE = 0x11;
    private static final byte REMOVED_CODE = 0x12;
    private static final byte LEASE_CODE = 0x20;
    private static final byte ATTACHED_CODE = 0x21;

    private static final int ATTACHED_KEY_AT = 1 + Long.BYTES;

    private static final byte ALARM_CODE = 0x30;

    private static final int ALARM_MEMBER_AT = 2;

    private static final byte AUTH_CODE = 0x40;
    private static final byte USER_CODE = 0x41;
    private static final byte ROLE_CODE = 0x42;

    private static final byte SESSION_TIME_CODE = 0x50;
    private static final byte SESSION_CODE = 0x51;
    private static final byte SLOT_CODE = 0x52;

    private static final int SLOT_AT = 1 + Long.BYTES;

    private MetaKeys() {}

    /** One place of the {@link CheckpointRing}. */
    static byte[] checkpoint(int slot) {
        return new byte[] {CHECKPOINT_CODE, (byte) (slot >>> Byte.SIZE), (byte) slot};
    }

    static byte[] checkpointsFrom() {
        return new byte[] {CHECKPOINT_CODE};
    }

    static byte[] checkpointsTo() {
        return new byte[] {CHECKPOINT_CODE + 1};
    }

    /** The slot in a key of {@link #checkpoint}. */
    static int checkpointSlotOf(byte[] key) {
        if (key.length != 3) {
            throw new StoreDamagedException("a checkpoint's key has " + key.length + " bytes");
        }
        return (key[1] & 0xff) << Byte.SIZE | (key[2] & 0xff);
    }

    /** The membership as of the applied id. */
    public static byte[] membership() {
        return new byte[] {MEMBERSHIP_CODE};
    }

    /** What is known and wanted of one member. */
    public static byte[] member(long memberId) {
        return keyOf(MEMBER_CODE, memberId);
    }

    /** That a member was removed, and its id is used up. */
    public static byte[] removed(long memberId) {
        return keyOf(REMOVED_CODE, memberId);
    }

    private static byte[] keyOf(byte code, long memberId) {
        byte[] key = new byte[1 + Long.BYTES];
        key[0] = code;
        ByteSink.putLong(key, 1, memberId);
        return key;
    }

    /** Where the members begin. */
    public static byte[] membersFrom() {
        return new byte[] {MEMBER_CODE};
    }

    /** Where the members have ended. */
    public static byte[] membersTo() {
        return new byte[] {MEMBER_CODE + 1};
    }

    /** Where the removed begin. */
    public static byte[] removedFrom() {
        return new byte[] {REMOVED_CODE};
    }

    /** Where the removed have ended. */
    public static byte[] removedTo() {
        return new byte[] {REMOVED_CODE + 1};
    }

    /** That an alarm is raised. */
    public static byte[] alarm(Alarm alarm) {
        byte[] key = new byte[ALARM_MEMBER_AT + Long.BYTES];
        key[0] = ALARM_CODE;
        key[1] = (byte) alarm.kind().code();
        ByteSink.putLong(key, ALARM_MEMBER_AT, alarm.memberId());
        return key;
    }

    /** Where the alarms begin. */
    public static byte[] alarmsFrom() {
        return new byte[] {ALARM_CODE};
    }

    /** Where the alarms have ended. */
    public static byte[] alarmsTo() {
        return new byte[] {ALARM_CODE + 1};
    }

    /** The alarm in a key of {@link #alarm}. */
    public static Alarm alarmOf(byte[] key) {
        AlarmKind kind = key.length == ALARM_MEMBER_AT + Long.BYTES ? AlarmKind.ofCode(key[1]) : null;
        if (kind == null) {
            throw new StoreDamagedException("an alarm's key of " + key.length + " bytes names no alarm");
        }
        return new Alarm(ByteSource.getLong(key, ALARM_MEMBER_AT), kind);
    }

    /** The id in a key of {@link #member} or {@link #removed}. */
    public static long memberIdOf(byte[] key) {
        if (key.length != 1 + Long.BYTES) {
            throw new StoreDamagedException("a member's key has " + key.length + " bytes");
        }
        return ByteSource.getLong(key, 1);
    }

    /** What is on record of a lease. */
    public static byte[] lease(long leaseId) {
        return keyOf(LEASE_CODE, leaseId);
    }

    /** Where the leases begin. */
    public static byte[] leasesFrom() {
        return new byte[] {LEASE_CODE};
    }

    /** Where the leases have ended. */
    public static byte[] leasesTo() {
        return new byte[] {LEASE_CODE + 1};
    }

    /** The id in a key of {@link #lease}. */
    public static long leaseIdOf(byte[] key) {
        if (key.length != 1 + Long.BYTES) {
            throw new StoreDamagedException("a lease's key has " + key.length + " bytes");
        }
        return ByteSource.getLong(key, 1);
    }

    /** Whether access control is on, and the auth revision. */
    public static byte[] auth() {
        return new byte[] {AUTH_CODE};
    }

    /** What is on record of a user. */
    public static byte[] user(byte[] name) {
        return keyOf(USER_CODE, name);
    }

    /** Where the users begin. */
    public static byte[] usersFrom() {
        return new byte[] {USER_CODE};
    }

    /** Where the users have ended. */
    public static byte[] usersTo() {
        return new byte[] {USER_CODE + 1};
    }

    /** What is on record of a role. */
    public static byte[] role(byte[] name) {
        return keyOf(ROLE_CODE, name);
    }

    /** Where the roles begin. */
    public static byte[] rolesFrom() {
        return new byte[] {ROLE_CODE};
    }

    /** Where the roles have ended. */
    public static byte[] rolesTo() {
        return new byte[] {ROLE_CODE + 1};
    }

    private static byte[] keyOf(byte code, byte[] name) {
        byte[] key = new byte[1 + name.length];
        key[0] = code;
        System.arraycopy(name, 0, key, 1, name.length);
        return key;
    }

    /** The name in a key of {@link #user} or {@link #role}. */
    public static byte[] nameOf(byte[] key) {
        return Arrays.copyOfRange(key, 1, key.length);
    }

    /** How much time has passed for sessions. */
    public static byte[] sessionTime() {
        return new byte[] {SESSION_TIME_CODE};
    }

    /** What is on record of a session. */
    public static byte[] session(long sessionId) {
        return keyOf(SESSION_CODE, sessionId);
    }

    /** Where the sessions begin. */
    public static byte[] sessionsFrom() {
        return new byte[] {SESSION_CODE};
    }

    /** Where the sessions have ended. */
    public static byte[] sessionsTo() {
        return new byte[] {SESSION_CODE + 1};
    }

    /** The last call of one slot of a session. */
    public static byte[] slot(long sessionId, int slot) {
        byte[] key = Arrays.copyOf(keyOf(SLOT_CODE, sessionId), SLOT_AT + 2);
        key[SLOT_AT] = (byte) (slot >>> Byte.SIZE);
        key[SLOT_AT + 1] = (byte) slot;
        return key;
    }

    /** Where the slots begin. */
    public static byte[] slotsFrom() {
        return new byte[] {SLOT_CODE};
    }

    /** Where the slots have ended. */
    public static byte[] slotsTo() {
        return new byte[] {SLOT_CODE + 1};
    }

    /** The session in a key of {@link #session} or {@link #slot}. */
    public static long sessionIdOf(byte[] key) {
        if (key.length != SLOT_AT && key.length != SLOT_AT + 2) {
            throw new StoreDamagedException("a session's key has " + key.length + " bytes");
        }
        return ByteSource.getLong(key, 1);
    }

    /** The slot in a key of {@link #slot}. */
    public static int slotOf(byte[] key) {
        if (key.length != SLOT_AT + 2) {
            throw new StoreDamagedException("a slot's key has " + key.length + " bytes");
        }
        return (key[SLOT_AT] & 0xff) << Byte.SIZE | (key[SLOT_AT + 1] & 0xff);
    }

    /** That a user's key hangs on a lease. */
    static byte[] attached(long leaseId, byte[] key) {
        byte[] out = Arrays.copyOf(keyOf(ATTACHED_CODE, leaseId), ATTACHED_KEY_AT + key.length);
        System.arraycopy(key, 0, out, ATTACHED_KEY_AT, key.length);
        return out;
    }

    /** Where the keys that hang on a lease begin. */
    static byte[] attachedFrom(long leaseId) {
        return keyOf(ATTACHED_CODE, leaseId);
    }

    /** Where they have ended. */
    static byte[] attachedTo(long leaseId) {
        return leaseId == -1 ? new byte[] {ATTACHED_CODE + 1} : keyOf(ATTACHED_CODE, leaseId + 1);
    }

    /** The user's key in a key of {@link #attached}. */
    static byte[] attachedKeyOf(byte[] metaKey) {
        return Arrays.copyOfRange(metaKey, ATTACHED_KEY_AT, metaKey.length);
    }
}
