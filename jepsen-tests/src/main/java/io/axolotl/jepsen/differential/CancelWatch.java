package io.axolotl.jepsen.differential;

/**
 * Ends a watcher, if there is one of this number. Immutable.
 *
 * @param number of an {@link OpenWatch}
 */
record CancelWatch(int number) implements Step {
    @Override
    public String name() {
        return "CancelWatch";
    }
}
