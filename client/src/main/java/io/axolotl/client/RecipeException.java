package io.axolotl.client;

/**
 * What was asked for was refused by the rules of something that is built of keys, as those in {@link io.axolotl.client.recipes}
 * are, and not by the servers. It certainly changed nothing that can be seen.
 */
public abstract non-sealed class RecipeException extends RefusedException {
    private static final long serialVersionUID = 1L;

    /** @param advice what may help; empty if there is nothing to say but the message */
    protected RecipeException(ErrorCode code, String message, String advice) {
        super(code, message, advice);
    }
}
