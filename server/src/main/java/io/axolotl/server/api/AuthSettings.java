package io.axolotl.server.api;

import io.axolotl.server.auth.Passwords;
import io.axolotl.server.auth.Tokens;

/**
 * How callers prove who they are. Immutable.
 *
 * @param isCertificateAName whether the common name of a client's certificate is a user's name (AU-12)
 */
public record AuthSettings(Tokens tokens, Passwords passwords, boolean isCertificateAName) {}
