package io.axolotl.client.ctl;

import io.axolotl.client.AuthStatusResult;
import io.axolotl.client.Header;
import io.axolotl.client.KeyRange;
import io.axolotl.client.NamesResult;
import io.axolotl.client.Permission;
import io.axolotl.client.RoleResult;
import java.util.function.Predicate;

/** Prints what calls on users and roles returned, in the forms of etcdctl. */
interface AuthPrinter {
    /** Lines for people. */
    static AuthPrinter simple(Console console) {
        return new AuthPrinter() {
            @Override
            public void done(String what, Header header) {
                console.line(what);
            }

            @Override
            public void status(AuthStatusResult result) {
                console.line("Authentication Status: " + result.isEnabled());
                console.line("AuthRevision: " + Long.toUnsignedString(result.authRevision()));
            }

            @Override
            public void user(String name, NamesResult roles) {
                console.line("User: " + name);
                StringBuilder line = new StringBuilder("Roles:");
                roles.names().forEach(role -> line.append(' ').append(role));
                console.line(line.toString());
            }

            @Override
            public void users(NamesResult users) {
                users.names().forEach(console::line);
            }

            @Override
            public void role(String name, RoleResult role) {
                console.line("Role " + name);
                console.line("KV Read:");
                ranges(role, Permission.Type::isRead);
                console.line("KV Write:");
                ranges(role, Permission.Type::isWrite);
            }

            private void ranges(RoleResult role, Predicate<Permission.Type> which) {
                for (Permission permission : role.permissions()) {
                    if (which.test(permission.type())) {
                        console.line("\t" + text(permission.range()));
                    }
                }
            }

            @Override
            public void roles(NamesResult roles) {
                roles.names().forEach(console::line);
            }
        };
    }

    private static String text(KeyRange range) {
        if (range.end().isEmpty()) {
            return range.key().utf8();
        }
        String text = interval(range);
        return !range.key().isEmpty() && range.equals(KeyRange.prefix(range.key()))
                ? text + " (prefix " + range.key().utf8() + ")"
                : text;
    }

    /** With the bounds as they are said aloud. */
    static String interval(KeyRange range) {
        return range.end().equals(KeyRange.all().end())
                ? "[" + range.key().utf8() + ", <open ended>"
                : "[" + range.key().utf8() + ", " + range.end().utf8() + ")";
    }

    /** @param what in the words for people */
    void done(String what, Header header);

    void status(AuthStatusResult result);

    void user(String name, NamesResult roles);

    void users(NamesResult users);

    void role(String name, RoleResult role);

    void roles(NamesResult roles);
}
