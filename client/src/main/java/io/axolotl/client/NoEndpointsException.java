package io.axolotl.client;

/** A client was made without a single endpoint. Name at least one member of the cluster. */
public final class NoEndpointsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    NoEndpointsException() {
        super("no endpoints; name at least one, such as http://127.0.0.1:2379");
    }
}
