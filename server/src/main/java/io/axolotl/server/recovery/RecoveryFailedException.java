package io.axolotl.server.recovery;

import java.util.List;

/** A node cannot start from what its data folder holds. Nothing was changed that another attempt would miss. */
public final class RecoveryFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String step;

    /**
     * @param step which of the steps of recovery did not succeed
     * @param damages what had been found damaged and set aside, by this start or by earlier ones: the root of it, as a rule
     */
    public RecoveryFailedException(int number, String step, RuntimeException cause, List<String> damages) {
        super(
                "recovery stopped at step " + number + " (" + step + "): " + cause.getMessage()
                        + (damages.isEmpty()
                                ? ""
                                : " | This follows from damage that was found before: " + String.join("; ", damages)),
                cause);
        this.step = step;
    }

    public String step() {
        return step;
    }
}
