package io.axolotl.client;

import io.axolotl.client.proto.AuthDisableRequest;
import io.axolotl.client.proto.AuthEnableRequest;
import io.axolotl.client.proto.AuthRoleAddRequest;
import io.axolotl.client.proto.AuthRoleDeleteRequest;
import io.axolotl.client.proto.AuthRoleGetRequest;
import io.axolotl.client.proto.AuthRoleGrantPermissionRequest;
import io.axolotl.client.proto.AuthRoleListRequest;
import io.axolotl.client.proto.AuthRoleRevokePermissionRequest;
import io.axolotl.client.proto.AuthStatusRequest;
import io.axolotl.client.proto.AuthUserAddRequest;
import io.axolotl.client.proto.AuthUserChangePasswordRequest;
import io.axolotl.client.proto.AuthUserDeleteRequest;
import io.axolotl.client.proto.AuthUserGetRequest;
import io.axolotl.client.proto.AuthUserGrantRoleRequest;
import io.axolotl.client.proto.AuthUserListRequest;
import io.axolotl.client.proto.AuthUserRevokeRoleRequest;
import io.axolotl.client.proto.UserAddOptions;

/**
 * Users, roles, and whether they are asked for (contract B.11). Once access control is on, most of it is for users with the
 * role root: see {@link ClientOptions.Builder#credentials}. Passwords travel as they are: use TLS.
 *
 * <p>Safe for all threads.
 */
public final class Auth {
    private final CallRunner runner;

    Auth(CallRunner runner) {
        this.runner = runner;
    }

    /** Switches access control on; takes a user root with the role root (AU-5). */
    public Pending<Header> enable() {
        return runner.run(Calls.AUTH_ENABLE, AuthEnableRequest.getDefaultInstance());
    }

    public Pending<Header> disable() {
        return runner.run(Calls.AUTH_DISABLE, AuthDisableRequest.getDefaultInstance());
    }

    public Pending<AuthStatusResult> status() {
        return runner.run(Calls.AUTH_STATUS, AuthStatusRequest.getDefaultInstance());
    }

    public Pending<Header> userAdd(String name, String password) {
        return runner.run(
                Calls.USER_ADD,
                AuthUserAddRequest.newBuilder()
                        .setName(name)
                        .setPassword(password)
                        .setOptions(UserAddOptions.getDefaultInstance())
                        .build());
    }

    /** A user who comes by certificate, and cannot log in. */
    public Pending<Header> userAddWithoutPassword(String name) {
        return runner.run(
                Calls.USER_ADD,
                AuthUserAddRequest.newBuilder()
                        .setName(name)
                        .setOptions(UserAddOptions.newBuilder().setNoPassword(true))
                        .build());
    }

    public Pending<Header> userDelete(String name) {
        return runner.run(
                Calls.USER_DELETE,
                AuthUserDeleteRequest.newBuilder().setName(name).build());
    }

    public Pending<Header> userChangePassword(String name, String password) {
        return runner.run(
                Calls.USER_CHANGE_PASSWORD,
                AuthUserChangePasswordRequest.newBuilder()
                        .setName(name)
                        .setPassword(password)
                        .build());
    }

    /** The roles of a user. */
    public Pending<NamesResult> userGet(String name) {
        return runner.run(
                Calls.USER_GET, AuthUserGetRequest.newBuilder().setName(name).build());
    }

    public Pending<NamesResult> users() {
        return runner.run(Calls.USER_LIST, AuthUserListRequest.getDefaultInstance());
    }

    public Pending<Header> userGrantRole(String user, String role) {
        return runner.run(
                Calls.USER_GRANT_ROLE,
                AuthUserGrantRoleRequest.newBuilder()
                        .setUser(user)
                        .setRole(role)
                        .build());
    }

    public Pending<Header> userRevokeRole(String user, String role) {
        return runner.run(
                Calls.USER_REVOKE_ROLE,
                AuthUserRevokeRoleRequest.newBuilder()
                        .setName(user)
                        .setRole(role)
                        .build());
    }

    public Pending<Header> roleAdd(String name) {
        return runner.run(
                Calls.ROLE_ADD, AuthRoleAddRequest.newBuilder().setName(name).build());
    }

    /** Also from all its holders. */
    public Pending<Header> roleDelete(String name) {
        return runner.run(
                Calls.ROLE_DELETE,
                AuthRoleDeleteRequest.newBuilder().setRole(name).build());
    }

    public Pending<RoleResult> roleGet(String name) {
        return runner.run(
                Calls.ROLE_GET, AuthRoleGetRequest.newBuilder().setRole(name).build());
    }

    public Pending<NamesResult> roles() {
        return runner.run(Calls.ROLE_LIST, AuthRoleListRequest.getDefaultInstance());
    }

    /** The same range again has its type replaced (AU-8). */
    public Pending<Header> roleGrantPermission(String role, Permission permission) {
        return runner.run(
                Calls.ROLE_GRANT_PERMISSION,
                AuthRoleGrantPermissionRequest.newBuilder()
                        .setName(role)
                        .setPerm(Wire.permission(permission))
                        .build());
    }

    /** Exactly this range. */
    public Pending<Header> roleRevokePermission(String role, KeyRange range) {
        return runner.run(
                Calls.ROLE_REVOKE_PERMISSION,
                AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole(role)
                        .setKey(range.key().unwrap())
                        .setRangeEnd(range.end().unwrap())
                        .build());
    }
}
