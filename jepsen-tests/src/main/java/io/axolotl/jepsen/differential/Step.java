package io.axolotl.jepsen.differential;

/** Something that an episode does on both servers. Steps can be left out without changing what the others mean. */
sealed interface Step permits Call, OpenWatch, CancelWatch, AskProgress {
    /** What is counted: {@code Range}. */
    String name();
}
