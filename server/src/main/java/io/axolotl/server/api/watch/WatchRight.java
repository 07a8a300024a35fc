package io.axolotl.server.api.watch;

import io.axolotl.storage.auth.AuthState;
import org.jspecify.annotations.Nullable;

/**
 * What the client of a stream may watch (WA-12): asked for each watcher that it creates, and of each watcher again whenever
 * users or roles have changed. Called on the watch thread; must not block.
 */
@FunctionalInterface
public interface WatchRight {
    /** For streams of this process itself. */
    WatchRight EVERYTHING = (auth, key, rangeEnd) -> new Answer(null, Standing.FOREVER);

    /**
     * Whether a watcher may be created.
     *
     * @param auth as of now
     * @param key never empty
     * @param rangeEnd as in a range request
     */
    Answer ask(AuthState auth, byte[] key, byte[] rangeEnd);

    /**
     * @param refusal why not, in the words that clients are told, or null if it may
     * @param standing of who has created it
     */
    record Answer(@Nullable String refusal, Standing standing) {}

    /** Who has created a watcher; what it showed for it may have run out since. */
    @FunctionalInterface
    interface Standing {
        Standing FOREVER = (auth, key, rangeEnd) -> null;

        /** Why it may not go on, or null if it may. */
        @Nullable String refusalOf(AuthState auth, byte[] key, byte[] rangeEnd);
    }
}
