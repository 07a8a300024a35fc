package io.axolotl.client;

/**
 * As whom a client logs in. Immutable. Its readable form has no password.
 *
 * @param user name of the user
 */
public record Credentials(String user, String password) {
    public Credentials {
        if (user.isEmpty()) {
            throw new IllegalArgumentException("the user has no name; give one, or no user at all");
        }
    }

    @Override
    public String toString() {
        return "Credentials[user=" + user + "]";
    }
}
