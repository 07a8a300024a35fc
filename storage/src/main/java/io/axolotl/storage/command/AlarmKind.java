package io.axolotl.storage.command;

import org.jspecify.annotations.Nullable;

/** What can be wrong with a member so that the whole cluster must know (MT-1). Codes are those of etcd's wire. */
public enum AlarmKind {
    /** The member's store has reached its quota. */
    NOSPACE(1),
    /** What the member holds differs from what the others hold. */
    CORRUPT(2);

    private final int code;

    AlarmKind(int code) {
        this.code = code;
    }

    /** In logs, stores and on the wire. */
    public int code() {
        return code;
    }

    /** The kind with this code, or null. */
    public static @Nullable AlarmKind ofCode(int code) {
        for (AlarmKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        return null;
    }
}
