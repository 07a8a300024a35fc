package io.axolotl.jepsen.clients;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Compare;
import io.axolotl.client.ExactlyOnce;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Op;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchOptions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** This project's own client. Each watch has a thread that takes its events, as a program would. */
final class AxolotlFace implements ClientFace {
    private final AxolotlClient client;
    private final ConcurrentLinkedQueue<Watch> watches = new ConcurrentLinkedQueue<>();

    AxolotlFace(List<String> endpoints, boolean isNumbered) {
        this.client = AxolotlClient.builder()
                .endpoints(endpoints)
                .exactlyOnce(isNumbered ? ExactlyOnce.WHEN_OFFERED : ExactlyOnce.OFF)
                .build();
    }

    @Override
    public CompletableFuture<?> put(String key, String value) {
        return client.kv().put(key, value);
    }

    @Override
    public CompletableFuture<?> get(String key) {
        return client.kv().get(key);
    }

    @Override
    public CompletableFuture<?> txn(String key, String value) {
        return client.kv()
                .txn()
                .when(Compare.version(key).notEqualTo(0))
                .then(Op.put(key, value))
                .otherwise(Op.get(key))
                .commit();
    }

    @Override
    public void watch(String prefix, Runnable onEvent) {
        Watch watch = client.watch(KeyRange.prefix(prefix), WatchOptions.DEFAULT);
        watches.add(watch);
        Thread thread = new Thread(() -> take(watch, onEvent), "watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static void take(Watch watch, Runnable onEvent) {
        try {
            while (true) {
                watch.next().events().forEach(event -> onEvent.run());
            }
        } catch (IllegalStateException closed) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        watches.forEach(Watch::close);
        client.close();
    }
}
