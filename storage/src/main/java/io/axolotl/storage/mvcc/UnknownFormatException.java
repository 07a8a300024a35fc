package io.axolotl.storage.mvcc;

/**
 * The store holds something of a format that this program does not know, as a newer release writes it (O3). It passed every
 * checksum, so it is not damaged: it must be neither touched nor made anew. The node does not start.
 */
public final class UnknownFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * @param what what it is about, as the beginning of a sentence
     * @param known what this program reads, as the end of one
     */
    public UnknownFormatException(String what, String known) {
        super("the store is of another release: " + what + ", this program knows " + known
                + ". Nothing was changed. Start the release that wrote it, or a newer one.");
    }
}
