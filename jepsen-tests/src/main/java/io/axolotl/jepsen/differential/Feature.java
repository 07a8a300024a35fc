package io.axolotl.jepsen.differential;

/** What episodes may use beyond keys. */
enum Feature {
    LEASE
}
