package io.axolotl.jepsen.chaos.measure;

/** Whose service is looked at. Faults leave some members alone and not others, and a client that may choose need not notice. */
public enum View {
    /** The client that may choose a member. */
    SMART("a client that may choose"),
    /** Each member that the fault does not name: good while all of them are. */
    HEALTHY("every healthy member"),
    /** Each member: good while all of them are, so that it ends when the last one serves again. */
    ALL("every member");

    private final String words;

    View(String words) {
        this.words = words;
    }

    /** For headings, without an article before it. */
    public String words() {
        return words;
    }
}
