package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Pending;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Keys that begin with what was typed: whole ones, or as far as their next slash, so that many under one name are one. Skips over
 * those, asks for a few at a time, and for no longer than somebody who types would wait. Safe for all threads.
 */
final class ShellKeys {
    private static final int PAGE_KEYS = 50;
    private static final int MOST_KEYS = 100;

    private final AxolotlClient client;
    private final LongSupplier revision;
    private final long patienceNanos;

    /**
     * @param revision at which to look; 0 is the newest
     * @param patience how long all that is asked for one prefix may take
     */
    ShellKeys(AxolotlClient client, LongSupplier revision, Duration patience) {
        this.client = client;
        this.revision = revision;
        this.patienceNanos = patience.toNanos();
    }

    /** In order; what was found in time. Those that end in a slash are only the beginning of others. */
    Set<Bytes> under(Bytes prefix) {
        Set<Bytes> found = new TreeSet<>();
        long endNanos = System.nanoTime() + patienceNanos;
        KeyRange range = prefix.isEmpty() ? KeyRange.all() : KeyRange.prefix(prefix);
        GetOptions options = GetOptions.DEFAULT
                .withLimit(PAGE_KEYS)
                .withKeysOnly(true)
                .withSerializable(true)
                .withRevision(revision.getAsLong());
        Bytes from = range.key();
        try {
            while (found.size() < MOST_KEYS) {
                GetResult page = await(client.kv().get(KeyRange.between(from, range.end()), options), endNanos);
                List<KeyValue> kvs = page.kvs();
                kvs.forEach(kv -> found.add(step(kv.key(), prefix.size())));
                if (!page.more() || kvs.isEmpty()) {
                    break;
                }
                Bytes last = kvs.get(kvs.size() - 1).key();
                Bytes step = step(last, prefix.size());
                from = step.equals(last)
                        ? Arguments.bytes(Arguments.of(last) + "\0")
                        : KeyRange.prefix(step).end();
            }
        } catch (AxolotlException | TimeoutException e) {
            // A key that is not offered can be typed; the command that follows says what is wrong.
        }
        return found;
    }

    private static GetResult await(Pending<GetResult> call, long endNanos) throws TimeoutException {
        try {
            return call.get(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AxolotlException failure) {
                throw failure;
            }
            throw new AssertionError("a call failed with something else than an AxolotlException", e);
        } catch (CancellationException e) {
            throw new TimeoutException("cancelled");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("interrupted");
        } finally {
            call.cancel(true);
        }
    }

    private static Bytes step(Bytes key, int from) {
        String text = Arguments.of(key);
        int slash = text.indexOf('/', from);
        return slash < 0 ? key : Arguments.bytes(text.substring(0, slash + 1));
    }
}
