package io.axolotl.client.recipes;

/** What is to become of the file that is there when an upload is committed. */
public enum WriteMode {
    /** There must be none. */
    CREATE,
    /** It is replaced; there need not be one. */
    REPLACE,
    /** It is kept, and what was uploaded comes after it; there must be one. */
    APPEND
}
