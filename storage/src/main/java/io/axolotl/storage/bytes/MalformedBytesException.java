package io.axolotl.storage.bytes;

/** Bytes do not follow their format. The codec that read them says which format, and what that means. */
public final class MalformedBytesException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MalformedBytesException(String message) {
        super(message);
    }
}
