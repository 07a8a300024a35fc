package io.axolotl.raft.testing;

import org.jspecify.annotations.Nullable;

/** Sentences with gaps, for messages of judges. */
final class Words {
    private Words() {}

    /** Puts the values into the places marked {@code %s}, in order. */
    static String fill(String sentence, @Nullable Object... values) {
        StringBuilder filled = new StringBuilder();
        int from = 0;
        for (Object value : values) {
            int gap = sentence.indexOf("%s", from);
            if (gap < 0) {
                break;
            }
            filled.append(sentence, from, gap).append(value);
            from = gap + 2;
        }
        return filled.append(sentence.substring(from)).toString();
    }
}
