package io.axolotl.jepsen.clients;

/** A client library, or a way to use one. */
enum Library {
    AXOLOTL("Axolotl's client"),
    AXOLOTL_SENT_ONCE("Axolotl's client, writes not numbered"),
    JETCD("jetcd");

    final String title;

    Library(String title) {
        this.title = title;
    }
}
