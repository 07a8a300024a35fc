package io.axolotl.server.peer;

/**
 * What arrived is not what a peer of this version sends, or was changed on its way. The connection that carried it is
 * closed; Raft repeats what was lost.
 */
public final class DamagedMessageException extends RuntimeException {
    public DamagedMessageException(String what) {
        super(what);
    }

    DamagedMessageException(String what, Throwable cause) {
        super(what, cause);
    }
}
