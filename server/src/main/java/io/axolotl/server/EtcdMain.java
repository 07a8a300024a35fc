package io.axolotl.server;

/**
 * The server where etcd is expected: {@code bin/etcd} of the distribution. Takes etcd's flags, environment and file by
 * etcd's rules, says what etcd says, and ends as etcd ends; see {@link EtcdGuise}.
 */
public final class EtcdMain {
    private EtcdMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        ServerMain.run(arguments, new EtcdGuise());
    }
}
