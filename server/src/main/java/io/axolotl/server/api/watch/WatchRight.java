package io.axolotl.server.api.watch;

import org.jspecify.annotations.Nullable;

/** What the client of a stream may watch (WA-12). Called on the watch thread; must not block. */
@FunctionalInterface
public interface WatchRight {
    /** For streams of this process itself. */
    WatchRight EVERYTHING = (key, rangeEnd) -> null;

    /**
     * Why the keys of a request may not be watched, in the words that clients are told, or null if they may.
     *
     * @param key never empty
     * @param rangeEnd as in a range request
     */
    @Nullable String refusalOf(byte[] key, byte[] rangeEnd);
}
