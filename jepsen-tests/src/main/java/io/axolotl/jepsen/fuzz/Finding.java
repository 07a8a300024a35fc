package io.axolotl.jepsen.fuzz;

import java.util.HexFormat;

/**
 * An input that a parser did not deal with as it should.
 *
 * <p>Immutable.
 *
 * @param number of the input in the campaign of this seed
 * @param where a few words that are equal for findings with the same cause
 */
record Finding(String target, long seed, long number, String what, String where, byte[] input) {
    private static final int SHOWN_BYTES = 512;

    /** For people: what happened, the bytes, and how to see it again. */
    String report() {
        int shown = Math.min(input.length, SHOWN_BYTES);
        return "FINDING " + target + ": " + what + System.lineSeparator()
                + "  input of " + input.length + " bytes: " + HexFormat.of().formatHex(input, 0, shown)
                + (shown < input.length ? "..." : "") + System.lineSeparator()
                + "  again: ./axolotl fuzz --target " + target + " --seed " + seed + " --input " + number;
    }
}
