package io.axolotl.storage.command;

/**
 * Whose will a command is. What it says has been proven before the command was proposed; what it allows is decided when the
 * command is applied (AU-11). Immutable.
 *
 * @param user who has logged in; empty unless {@code kind} is USER
 * @param authRevision of the state that the user has logged in to
 */
public record Caller(Kind kind, String user, long authRevision) {
    /** A client that has not said who it is. */
    public static final Caller NOBODY = new Caller(Kind.NOBODY, "", 0);

    /** A member of its own accord, as when it compacts or raises an alarm. */
    public static final Caller MEMBER = new Caller(Kind.MEMBER, "", 0);

    /** What there is. */
    public enum Kind {
        NOBODY,
        MEMBER,
        USER
    }

    public static Caller user(String name, long authRevision) {
        return new Caller(Kind.USER, name, authRevision);
    }

    /** The same, as known to a state of that auth revision. */
    public Caller asOf(long newAuthRevision) {
        return kind == Kind.USER ? user(user, newAuthRevision) : this;
    }

    public boolean isNobody() {
        return kind == Kind.NOBODY;
    }

    public boolean isMember() {
        return kind == Kind.MEMBER;
    }
}
