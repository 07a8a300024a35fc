package io.axolotl.client.ctl;

/** The exit codes of etcdctl. */
final class ExitCode {
    static final int SUCCESS = 0;
    static final int ERROR = 1;

    /** What a call on leases met, whatever it was; and that nobody could log in. */
    static final int BAD_CONNECTION = 2;

    /** What was read (a transaction) is not well-formed. */
    static final int INVALID_INPUT = 3;

    /** A flag is known, its value is not. */
    static final int BAD_FEATURE = 4;

    /** What was under way did not come to its end. */
    static final int INTERRUPTED = 5;

    static final int IO = 6;
    static final int BAD_ARGS = 128;

    private ExitCode() {}
}
