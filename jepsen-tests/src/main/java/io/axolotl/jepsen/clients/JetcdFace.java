package io.axolotl.jepsen.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The client that etcd's own project has for Java. */
final class JetcdFace implements ClientFace {
    private final Client client;

    JetcdFace(List<String> endpoints) {
        this.client =
                Client.builder().endpoints(endpoints.toArray(String[]::new)).build();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    @Override
    public CompletableFuture<?> put(String key, String value) {
        return client.getKVClient().put(bytes(key), bytes(value));
    }

    @Override
    public CompletableFuture<?> get(String key) {
        return client.getKVClient().get(bytes(key));
    }

    @Override
    public CompletableFuture<?> txn(String key, String value) {
        ByteSequence name = bytes(key);
        return client.getKVClient()
                .txn()
                .If(new Cmp(name, Cmp.Op.GREATER, CmpTarget.version(0)))
                .Then(Op.put(name, bytes(value), PutOption.DEFAULT))
                .Else(Op.get(name, GetOption.DEFAULT))
                .commit();
    }

    @Override
    public void watch(String prefix, Runnable onEvent) {
        var unused = client.getWatchClient()
                .watch(
                        bytes(prefix),
                        WatchOption.builder().isPrefix(true).build(),
                        response -> response.getEvents().forEach(event -> onEvent.run()));
    }

    @Override
    public void close() {
        client.close();
    }
}
