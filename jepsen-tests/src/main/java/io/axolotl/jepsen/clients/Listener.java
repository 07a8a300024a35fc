package io.axolotl.jepsen.clients;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchOptions;
import io.axolotl.client.WatchResult;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One watch of all that the load writes, and its judge. Owns a thread. */
final class Listener implements AutoCloseable {
    private final Watch watch;
    private final Bytes fenced;
    private final EventJudge judge = new EventJudge();
    private volatile boolean isClosing;
    private volatile @Nullable String end;

    /**
     * @param range of keys that are only put, and never were before
     * @param fenced the key among them whose values are fencing tokens
     */
    Listener(AxolotlClient client, KeyRange range, String fenced) {
        this.watch = client.watch(range, WatchOptions.DEFAULT.from(1));
        this.fenced = Bytes.of(fenced);
        Thread thread = new Thread(this::listen, "listener");
        thread.setDaemon(true);
        thread.start();
    }

    private void listen() {
        try {
            while (!isClosing) {
                WatchResult result = watch.next();
                for (WatchEvent event : result.events()) {
                    judge.told(event);
                    if (event.kv().key().equals(fenced)) {
                        judge.fenced(Long.parseLong(event.kv().value().utf8()));
                    }
                }
                if (result.isCanceled()) {
                    end = "the server has ended the watch: " + result.cancelReason();
                    return;
                }
            }
        } catch (AxolotlException | IllegalStateException e) {
            end = "the watch has ended: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end = "the listener was interrupted";
        } catch (RuntimeException e) {
            end = "the listener broke: " + e;
        }
    }

    EventJudge judge() {
        return judge;
    }

    /** What was wrong with the events, or why there are no more. */
    Optional<String> violation() {
        return judge.violation().or(() -> isClosing ? Optional.empty() : Optional.ofNullable(end));
    }

    @Override
    public void close() {
        isClosing = true;
        watch.close();
    }
}
