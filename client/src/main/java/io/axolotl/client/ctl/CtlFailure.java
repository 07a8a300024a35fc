package io.axolotl.client.ctl;

/** Ends a command with an exit code and, after {@code Error:}, a message. */
final class CtlFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CtlFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }

    static CtlFailure badArgs(String message) {
        return new CtlFailure(ExitCode.BAD_ARGS, message);
    }
}
