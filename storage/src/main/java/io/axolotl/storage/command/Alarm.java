package io.axolotl.storage.command;

/**
 * An alarm that a member has raised, or that an operator has raised for it. Immutable.
 *
 * @param memberId unsigned; need not be that of a member any more
 */
public record Alarm(long memberId, AlarmKind kind) implements Comparable<Alarm> {
    @Override
    public int compareTo(Alarm other) {
        int byKind = Integer.compare(kind.code(), other.kind.code());
        return byKind != 0 ? byKind : Long.compareUnsigned(memberId, other.memberId);
    }

    /** As etcd prints it, the blank at the end included (MT-2). */
    @Override
    public String toString() {
        return "memberID:" + Long.toUnsignedString(memberId) + " alarm:" + kind + " ";
    }
}
