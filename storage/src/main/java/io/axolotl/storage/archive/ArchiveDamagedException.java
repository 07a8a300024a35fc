package io.axolotl.storage.archive;

/** A file is no archive, or not what it was when it was made; the message says how that shows. */
public final class ArchiveDamagedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ArchiveDamagedException(String message) {
        super(message);
    }
}
