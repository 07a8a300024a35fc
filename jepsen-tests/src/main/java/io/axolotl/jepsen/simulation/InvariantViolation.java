package io.axolotl.jepsen.simulation;

/**
 * A promise was broken. The message names the invariant (I1 to I15), the node and what was seen.
 */
public final class InvariantViolation extends AssertionError {
    private static final long serialVersionUID = 1;

    private final String rule;

    InvariantViolation(String rule, String what) {
        super(rule + ": " + what);
        this.rule = rule;
    }

    InvariantViolation(String rule, String what, Throwable cause) {
        super(rule + ": " + what, cause);
        this.rule = rule;
    }

    /** Which promise, such as {@code I3 state machine safety}. */
    public String rule() {
        return rule;
    }
}
