package io.axolotl.server.http;

/**
 * An answer that comes in pieces, each of which leaves at once. If the client is gone they are dropped. Safe for all
 * threads, one at a time.
 */
public interface HttpStream {
    /**
     * One piece. The next only once this one is taken, so that a client that does not read costs one piece.
     *
     * @param onTaken runs on {@link HttpExchange#executor}; never if the client goes before
     */
    void write(byte[] piece, Runnable onTaken);

    /** After the last piece was written; it need not be taken yet. */
    void end();
}
