package io.axolotl.client.recipes;

import io.axolotl.client.Bytes;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;

/** Where a file store keeps what; drawn in docs/formats/filestore.md. Immutable. */
record FileKeys(Bytes prefix) {
    /** The inode of a file: what it consists of. */
    Bytes inode(String name) {
        return prefix.plus("n/").plus(name);
    }

    KeyRange inodes(String namePrefix) {
        return KeyRange.prefix(inode(namePrefix));
    }

    String name(Bytes inode) {
        return inode.slice(prefix.size() + 2, inode.size()).utf8();
    }

    Bytes chunk(ExtentId id, long index) {
        return prefix.plus(String.format("d/%s/%016x", id, index));
    }

    KeyRange chunks(ExtentId id) {
        return KeyRange.prefix(prefix.plus("d/" + id + "/"));
    }

    /** Extents that belong to no file: they are being written, or are to be collected. */
    Bytes loose(ExtentId id) {
        return prefix.plus("x/" + id);
    }

    KeyRange allLoose() {
        return KeyRange.prefix(prefix.plus("x/"));
    }

    /** Whoever writes a loose extent lives: hangs on its lease, and never comes back once it is gone. */
    Bytes alive(ExtentId id) {
        return prefix.plus("l/" + id);
    }

    KeyRange allAlive() {
        return KeyRange.prefix(prefix.plus("l/"));
    }

    /** Of a loose or an alive key. */
    ExtentId id(Bytes key) {
        return ExtentId.parse(key.slice(prefix.size() + 2, key.size()).utf8());
    }

    FileInfo info(KeyValue inode) {
        return new FileInfo(
                name(inode.key()), Inode.decode(inode.key(), inode.value()).bytes(), inode.modRevision());
    }
}
