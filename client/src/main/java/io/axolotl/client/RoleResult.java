package io.axolotl.client;

import java.util.List;

/** What a role may do. */
public record RoleResult(Header header, List<Permission> permissions) {
    public RoleResult {
        permissions = List.copyOf(permissions);
    }
}
