package io.axolotl.storage.command;

/**
 * A command, whose call it is and whose will, as {@link CommandCodec} found them in a log entry. Immutable.
 *
 * @param fingerprint of the command's type and body: alike in all attempts of one call, and hardly ever in two calls. 0 for a
 *     command that says of no session which call it is
 */
public record DecodedCommand(RequestId requestId, Caller caller, Command command, long fingerprint) {}
