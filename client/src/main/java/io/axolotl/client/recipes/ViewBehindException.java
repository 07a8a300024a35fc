package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** The view cannot prove that it is as fresh as was asked for. {@link CachedView#snapshot} tells what it has, and how old that may be. */
public final class ViewBehindException extends RecipeException {
    private static final long serialVersionUID = 1L;

    ViewBehindException(String message) {
        super(ErrorCode.UNAVAILABLE, message, "read from the cluster, or take the view's snapshot and mind its age");
    }
}
