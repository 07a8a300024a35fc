package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.DeleteOptions;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.client.PutOptions;
import io.axolotl.client.TlsOptions;
import io.axolotl.client.UnknownOutcomeException;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchOptions;
import io.axolotl.client.WatchResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Copies the keys of this cluster to another one: all that are there at one revision, then every change after it, each revision
 * in one transaction. Goes on until it is interrupted. Sends a write again if its outcome is unknown: as the only writer of
 * what it mirrors, in order, it changes nothing by that.
 */
@Command(name = "make-mirror", description = "Makes a mirror at the destination etcd cluster")
final class MirrorCommand implements Callable<Integer> {
    private static final long PAGE_KEYS = 1_000;

    /** Fewer than etcd allows in one transaction. */
    private static final int TXN_OPS = 100;

    /** Fewer than etcd allows in one request, with what stands beside keys and values. A key alone may have more. */
    private static final long TXN_BYTES = 1 << 20;

    private static final int MAX_TRIES = 5;
    private static final long REPORT_SECONDS = 30;

    private final Session session;

    @Parameters(arity = "0..*", paramLabel = "<destination>", description = "endpoints of the other cluster")
    private List<String> destinations = new ArrayList<>();

    @Option(names = "--prefix", description = "key-value prefix to mirror")
    private String prefix = "";

    @Option(
            names = "--dest-prefix",
            description = "destination prefix to mirror a prefix to a different prefix in the destination cluster")
    private String destinationPrefix = "";

    @Option(names = "--no-dest-prefix", description = "mirror key-values to the root of the destination cluster")
    private boolean toRoot;

    @Option(
            names = "--dest-cacert",
            paramLabel = "<file>",
            description = "verify certificates of the destination's servers using this CA bundle")
    private String caCert = "";

    @Option(
            names = "--dest-cert",
            paramLabel = "<file>",
            description = "identify to the destination using this TLS certificate file")
    private String cert = "";

    @Option(
            names = "--dest-key",
            paramLabel = "<file>",
            description = "identify to the destination using this TLS key file")
    private String key = "";

    @Option(
            names = "--dest-insecure-transport",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "disable transport security for the destination (${DEFAULT-VALUE})")
    private boolean insecureTransport;

    private final AtomicLong mirrored = new AtomicLong();

    MirrorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (destinations.size() != 1) {
            throw CtlFailure.badArgs("make-mirror takes one destination argument");
        }
        if (toRoot && !destinationPrefix.isEmpty()) {
            throw CtlFailure.badArgs(
                    "`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one");
        }
        boolean isSecure = !insecureTransport || !caCert.isEmpty() || !cert.isEmpty() || !key.isEmpty();
        AxolotlClient destination = session.otherCluster(
                List.of(destinations.get(0).split(",", -1)),
                isSecure
                        ? Optional.of(
                                new TlsOptions(Session.file(caCert), Session.file(cert), Session.file(key), false))
                        : Optional.empty());
        AxolotlClient source = session.client();
        ScheduledExecutorService reporter = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "mirror-report");
            thread.setDaemon(true);
            return thread;
        });
        try {
            var unused = reporter.scheduleAtFixedRate(this::report, REPORT_SECONDS, REPORT_SECONDS, TimeUnit.SECONDS);
            long revision = copyAll(source, destination);
            follow(source, destination, revision + 1);
        } finally {
            reporter.shutdownNow();
        }
        throw new CtlFailure(ExitCode.INTERRUPTED, "the watch of what is mirrored has ended");
    }

    private void report() {
        session.console().line(Long.toString(mirrored.get()));
        session.console().out().flush();
    }

    private KeyRange range() {
        return prefix.isEmpty() ? KeyRange.all() : KeyRange.prefix(Arguments.bytes(prefix));
    }

    /** The revision that was copied. */
    private long copyAll(AxolotlClient source, AxolotlClient destination) {
        KeyRange rest = range();
        long revision = 0;
        while (true) {
            GetOptions page = GetOptions.DEFAULT.withLimit(PAGE_KEYS).withRevision(revision);
            GetResult found = source.kv().get(rest, page).await();
            revision = revision == 0 ? found.header().revision() : revision;
            List<KeyValue> kvs = found.kvs();
            List<Op> ops = new ArrayList<>();
            long bytes = 0;
            for (KeyValue kv : kvs) {
                long more = (long) kv.key().size() + kv.value().size();
                if (ops.size() == TXN_OPS || bytes + more > TXN_BYTES) {
                    write(destination, ops);
                    ops.clear();
                    bytes = 0;
                }
                ops.add(put(kv));
                bytes += more;
            }
            write(destination, ops);
            if (!found.more()) {
                return revision;
            }
            rest = KeyRange.between(after(kvs.get(kvs.size() - 1).key()), rest.end());
        }
    }

    /** The least key that is greater. */
    private static Bytes after(Bytes key) {
        return Arguments.bytes(Arguments.of(key) + "\0");
    }

    private void follow(AxolotlClient source, AxolotlClient destination, long revision) throws InterruptedException {
        try (Watch watch = source.watch(range(), WatchOptions.DEFAULT.from(revision))) {
            while (true) {
                WatchResult told = watch.next();
                if (told.isCanceled()) {
                    throw new CtlFailure(ExitCode.ERROR, WatchCommand.reason(told));
                }
                List<Op> ops = new ArrayList<>();
                long at = 0;
                for (WatchEvent event : told.events()) {
                    if (event.kv().modRevision() != at) {
                        write(destination, ops);
                        ops.clear();
                        at = event.kv().modRevision();
                    }
                    ops.add(event.isDelete() ? delete(event.kv()) : put(event.kv()));
                }
                write(destination, ops);
            }
        }
    }

    private Op put(KeyValue kv) {
        return new Op.Put(mirrored(kv.key()), kv.value(), PutOptions.DEFAULT);
    }

    private Op delete(KeyValue kv) {
        return new Op.Delete(KeyRange.single(mirrored(kv.key())), DeleteOptions.DEFAULT);
    }

    private Bytes mirrored(Bytes key) {
        String to = toRoot ? "" : destinationPrefix.isEmpty() ? prefix : destinationPrefix;
        return Arguments.bytes(to + Arguments.of(key).substring(prefix.length()));
    }

    private void write(AxolotlClient destination, List<Op> ops) {
        if (ops.isEmpty()) {
            return;
        }
        for (int tries = 1; ; tries++) {
            try {
                destination.kv().txn().then(ops.toArray(Op[]::new)).commit().await();
                mirrored.addAndGet(ops.size());
                return;
            } catch (UnknownOutcomeException e) {
                if (tries == MAX_TRIES || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
            }
        }
    }
}
