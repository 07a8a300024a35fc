package io.axolotl.storage.command;

/** A command, whose call it is and whose will, as {@link CommandCodec} found them in a log entry. Immutable. */
public record DecodedCommand(RequestId requestId, Caller caller, Command command) {}
