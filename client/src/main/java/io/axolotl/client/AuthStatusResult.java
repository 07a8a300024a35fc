package io.axolotl.client;

/**
 * Whether access control is on.
 *
 * @param authRevision grows with every change of users and roles
 */
public record AuthStatusResult(Header header, boolean isEnabled, long authRevision) {}
