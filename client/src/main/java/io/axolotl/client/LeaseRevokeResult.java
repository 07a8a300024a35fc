package io.axolotl.client;

/** The answer to a revocation. Immutable. */
public record LeaseRevokeResult(Header header) {}
