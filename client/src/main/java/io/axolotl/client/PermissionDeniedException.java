package io.axolotl.client;

/** The user may not do this. Nothing was changed. */
public final class PermissionDeniedException extends RefusedException {
    private static final long serialVersionUID = 1L;

    PermissionDeniedException(ErrorCode code, String text) {
        super(
                code,
                text,
                "have somebody with the role root grant the user a role with a permission for these keys (Auth.roleGrantPermission,"
                        + " Auth.userGrantRole)");
    }
}
