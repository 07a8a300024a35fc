package io.axolotl.storage.disk;

/**
 * The machine stops here. An error, so that no code mistakes it for a failure that it could handle; from it on every
 * operation of the disk throws it, until the disk is started again.
 */
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1;

    public SimulatedCrash() {
        super("simulated crash");
    }
}
