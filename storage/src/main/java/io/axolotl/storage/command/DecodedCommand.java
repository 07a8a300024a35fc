package io.axolotl.storage.command;

/** A command and whose call it is, as {@link CommandCodec} found them in a log entry. Immutable. */
public record DecodedCommand(RequestId requestId, Command command) {}
