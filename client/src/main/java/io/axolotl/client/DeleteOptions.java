package io.axolotl.client;

/**
 * How to delete. Immutable.
 *
 * @param previous return what was removed
 */
public record DeleteOptions(boolean previous) {
    public static final DeleteOptions DEFAULT = new DeleteOptions(false);

    public DeleteOptions withPrevious(boolean wanted) {
        return new DeleteOptions(wanted);
    }
}
