package io.axolotl.storage.engine;

/** The spaces of an engine. Keys of different spaces never meet. docs/formats/rocksdb-keys.md draws what is in them. */
public enum Space {
    /** What describes the state as a whole: the applied id, revisions, membership. A handful of keys. */
    META,
    /** One record for each key: its newest version and the way to the older ones. */
    IDX,
    /** One event for each change, in the order of revisions. A key here is put once, never again. */
    REV
}
