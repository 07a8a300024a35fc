package io.axolotl.server.recovery;

/** A node cannot start from what its data folder holds. Nothing was changed that another attempt would miss. */
public final class RecoveryFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String step;

    /** @param step which of the steps of recovery did not succeed */
    public RecoveryFailedException(int number, String step, RuntimeException cause) {
        super("recovery stopped at step " + number + " (" + step + "): " + cause.getMessage(), cause);
        this.step = step;
    }

    public String step() {
        return step;
    }
}
