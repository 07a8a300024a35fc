package io.axolotl.server;

import io.axolotl.server.api.EtcdVersion;

/** How this build names itself. */
final class AxolotlVersion {
    private AxolotlVersion() {}

    /** The version of the jar, or "development" when the classes do not come from one. */
    static String number() {
        String version = AxolotlVersion.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** What {@code --version} prints. */
    static String text() {
        return "axolotl " + number() + System.lineSeparator()
                + "speaks etcd " + EtcdVersion.SERVER + System.lineSeparator()
                + "runs on Java " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + System.lineSeparator();
    }
}
