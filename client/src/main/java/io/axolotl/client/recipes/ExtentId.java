package io.axolotl.client.recipes;

import java.util.UUID;

/** The name of an extent, drawn at random and never used again. Immutable. */
record ExtentId(long high, long low) {
    static final int BYTES = 16;

    static ExtentId random() {
        UUID chance = UUID.randomUUID();
        return new ExtentId(chance.getMostSignificantBits(), chance.getLeastSignificantBits());
    }

    static ExtentId parse(String hex) {
        return new ExtentId(
                Long.parseUnsignedLong(hex.substring(0, 16), 16), Long.parseUnsignedLong(hex.substring(16), 16));
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return String.format("%016x%016x", high, low);
    }
}
