package io.axolotl.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What users are given for their password, and how hard that is to guess. Immutable.
 *
 * @param signed null for simple tokens
 * @param simpleTtlSeconds after which a simple token is forgotten that nobody shows
 * @param bcryptCost as a power of two
 */
public record TokenSettings(@Nullable Signed signed, int simpleTtlSeconds, int bcryptCost) {
    private static final List<String> OPTIONS = List.of("sign-method", "pub-key", "priv-key", "ttl");
    private static final int MAX_TTL_SECONDS = 365 * 24 * 3_600;

    /**
     * Signed tokens, by etcd's names.
     *
     * @param method as {@code RS256}
     * @param privateKey null on a member that gives none and honours those of others
     */
    public record Signed(
            String method,
            @Nullable Path publicKey,
            @Nullable Path privateKey,
            Duration ttl) {}

    static TokenSettings of(SettingTexts texts) {
        return new TokenSettings(
                signed(texts.required(Setting.AUTH_TOKEN)),
                texts.number(Setting.AUTH_TOKEN_TTL, 1, MAX_TTL_SECONDS),
                texts.number(Setting.BCRYPT_COST, 4, 31));
    }

    private static @Nullable Signed signed(String text) {
        String[] parts = text.split(",", -1);
        if (text.equals("simple")) {
            return null;
        }
        if (!parts[0].equals("jwt")) {
            throw new ConfigException(
                    "--auth-token begins with \"" + parts[0] + "\"; it takes simple, or jwt and options");
        }
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            String name = equals < 0 ? parts[i] : parts[i].substring(0, equals);
            if (equals < 0 || !OPTIONS.contains(name) || options.put(name, parts[i].substring(equals + 1)) != null) {
                throw new ConfigException("--auth-token has the option \"" + name + "\"; each of "
                        + String.join(", ", OPTIONS) + " may be given once, as name=value");
            }
        }
        String method = options.get("sign-method");
        if (method == null) {
            throw new ConfigException("--auth-token jwt needs sign-method, for example sign-method=RS256");
        }
        return new Signed(method, path(options.get("pub-key")), path(options.get("priv-key")), ttl(options.get("ttl")));
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text);
    }

    private static Duration ttl(@Nullable String text) {
        return text == null
                ? Duration.ofMinutes(5)
                : SettingTexts.duration("ttl in --auth-token", text, Duration.ofSeconds(1));
    }
}
