package io.axolotl.storage.command;

/** Placeholder for the javadoc link; replaced by the codec. */
final class CommandCodec {
    private CommandCodec() {}
}
