package io.axolotl.jepsen.differential;

/** Asks how far the stream of all watchers has come. Immutable. */
record AskProgress() implements Step {
    @Override
    public String name() {
        return "AskProgress";
    }

    @Override
    public String toString() {
        return name();
    }
}
