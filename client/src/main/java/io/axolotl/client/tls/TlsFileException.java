package io.axolotl.client.tls;

/** A file of certificates or keys cannot be used; the message names it and says what to do. */
public final class TlsFileException extends Exception {
    private static final long serialVersionUID = 1L;

    public TlsFileException(String message) {
        super(message);
    }

    public TlsFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
