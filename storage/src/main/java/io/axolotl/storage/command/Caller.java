package io.axolotl.storage.command;

import org.jspecify.annotations.Nullable;

/**
 * Whose will a command is, and which of that one's calls. Who it is has been proven before the command was proposed; what
 * that allows is decided when the command is applied (AU-11). Immutable.
 *
 * @param user who has logged in; empty unless {@code kind} is USER
 * @param authRevision of the state that the user has logged in to
 * @param call null from clients that do not count their calls
 */
public record Caller(
        Kind kind, String user, long authRevision, @Nullable CallId call) {
    /** A client that has not said who it is. */
    public static final Caller NOBODY = new Caller(Kind.NOBODY, "", 0, null);

    /** A member of its own accord, as when it compacts or raises an alarm. */
    public static final Caller MEMBER = new Caller(Kind.MEMBER, "", 0, null);

    /** What there is. */
    public enum Kind {
        NOBODY,
        MEMBER,
        USER
    }

    public static Caller user(String name, long authRevision) {
        return new Caller(Kind.USER, name, authRevision, null);
    }

    /** The same, as known to a state of that auth revision. */
    public Caller asOf(long newAuthRevision) {
        return kind == Kind.USER ? new Caller(kind, user, newAuthRevision, call) : this;
    }

    /** The same, making that call. */
    public Caller making(@Nullable CallId newCall) {
        return new Caller(kind, user, authRevision, newCall);
    }

    public boolean isNobody() {
        return kind == Kind.NOBODY;
    }

    public boolean isMember() {
        return kind == Kind.MEMBER;
    }
}
