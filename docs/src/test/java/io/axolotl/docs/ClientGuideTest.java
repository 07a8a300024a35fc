package io.axolotl.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.AuthenticationException;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.CallListener;
import io.axolotl.client.ClusterUnreachableException;
import io.axolotl.client.Compare;
import io.axolotl.client.Endpoint;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.ExactlyOnce;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.Hold;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.LoadBalancing;
import io.axolotl.client.Op;
import io.axolotl.client.Outcome;
import io.axolotl.client.Permission;
import io.axolotl.client.PutOptions;
import io.axolotl.client.PutResult;
import io.axolotl.client.RefusedException;
import io.axolotl.client.RequestTooLargeException;
import io.axolotl.client.RetryPolicy;
import io.axolotl.client.TlsOptions;
import io.axolotl.client.TxnResult;
import io.axolotl.client.UnknownOutcomeException;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchOptions;
import io.axolotl.client.WatchResult;
import io.axolotl.client.recipes.CachedView;
import io.axolotl.client.recipes.CachedViewOptions;
import io.axolotl.client.recipes.Claim;
import io.axolotl.client.recipes.Counter;
import io.axolotl.client.recipes.FifoQueue;
import io.axolotl.client.recipes.FileInfo;
import io.axolotl.client.recipes.FileStore;
import io.axolotl.client.recipes.FileStoreOptions;
import io.axolotl.client.recipes.QueueConsumer;
import io.axolotl.testkit.AxolotlCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of client.md, as they stand there: {@link ClientGuideBlocksTest} compares. */
@Timeout(60)
class ClientGuideTest {
    @RegisterExtension
    static final AxolotlCluster cluster = AxolotlCluster.builder().nodes(3).build();

    private final List<String> printed = new CopyOnWriteArrayList<>();
    private List<String> endpoints = List.of();
    private AxolotlClient client = cluster.client();

    @BeforeEach
    void connect() {
        endpoints = cluster.endpoints();
        client = cluster.client();
    }

    private void print(Object text) {
        printed.add(String.valueOf(text));
    }

    @Test
    void connecting() {
        // tag::connect
        try (AxolotlClient client = AxolotlClient.builder().endpoints(endpoints).build()) {
            client.kv().put("greeting", "hello").await();
            GetResult found = client.kv().get("greeting").await();
            print(found.first().map(kv -> kv.value().utf8()).orElse("nothing"));
        }
        // end::connect
        assertThat(printed).containsExactly("hello");
    }

    @Test
    void keys() {
        // tag::keys
        client.kv().put("fruit/apple", "3").await();
        client.kv().put("fruit/pear", "5").await();
        GetResult fruit = client.kv().get(KeyRange.prefix("fruit/")).await();
        for (KeyValue each : fruit.kvs()) {
            print(each.key().utf8() + "=" + each.value().utf8());
        }
        long deleted = client.kv().delete(KeyRange.prefix("fruit/")).await().deleted();
        GetResult before = client.kv()
                .get(
                        KeyRange.prefix("fruit/"),
                        GetOptions.DEFAULT.withRevision(fruit.header().revision()))
                .await();
        // end::keys
        assertThat(printed).containsExactly("fruit/apple=3", "fruit/pear=5");
        assertThat(deleted).isEqualTo(2);
        assertThat(before.count()).isEqualTo(2);
    }

    @Test
    void asynchronously() {
        client.kv().put("greeting", "hello").await();
        // tag::async
        CompletableFuture<Integer> length = client.kv()
                .get("greeting")
                .thenApply(found -> found.first().map(kv -> kv.value().size()).orElse(0));
        // end::async
        assertThat(length.join()).isEqualTo(5);
    }

    @Test
    void transactions() {
        // tag::txn
        TxnResult created = client.kv()
                .txn()
                .when(Compare.createRevision("user/ada").equalTo(0))
                .then(Op.put("user/ada", "Ada"), Op.put("user-count", "1"))
                .otherwise(Op.get("user/ada"))
                .commit()
                .await();
        print(created.succeeded() ? "created" : "was there: " + created.results());
        // end::txn
        assertThat(printed).containsExactly("created");
    }

    @Test
    void outcomes() {
        // tag::outcomes
        Outcome<PutResult> outcome = client.kv().put("balance", "100").awaitOutcome();
        if (outcome instanceof Outcome.Done<PutResult> done) {
            print("applied at revision " + done.result().header().revision());
        } else if (outcome instanceof Outcome.Refused<PutResult> refused) {
            print("certainly not applied: " + refused.reason());
        } else if (outcome instanceof Outcome.Unknown<PutResult> unknown) {
            print("perhaps applied: " + unknown.reason());
        }
        // end::outcomes
        assertThat(printed).hasSize(1).allMatch(line -> line.startsWith("applied at revision"));
    }

    @Test
    void exactlyOnce() {
        // tag::once
        try (AxolotlClient strict = AxolotlClient.builder()
                .endpoints(endpoints)
                .exactlyOnce(ExactlyOnce.REQUIRED)
                .build()) {
            strict.kv().put("balance", "90").await();
        }
        // end::once
        assertThat(client.kv().get("balance").await().count()).isEqualTo(1);
    }

    @Test
    void watching() throws InterruptedException {
        client.kv().put("orders/0", "old").await();
        // tag::watch
        GetResult now = client.kv().get(KeyRange.prefix("orders/")).await();
        WatchOptions fromThere = WatchOptions.DEFAULT.from(now.header().revision() + 1);
        try (Watch watch = client.watch(KeyRange.prefix("orders/"), fromThere)) {
            client.kv().put("orders/1", "new").await();
            WatchResult told = watch.next();
            if (told.isCanceled()) {
                print("history is gone below " + told.compactRevision() + "; read all again");
            }
            for (WatchEvent event : told.events()) {
                print((event.isDelete() ? "gone " : "put ") + event.kv().key().utf8());
            }
        }
        // end::watch
        assertThat(printed).containsExactly("put orders/1");
    }

    @Test
    void leases() {
        // tag::lease
        KeptLease.Listener worries = new KeptLease.Listener() {
            @Override
            public void inDanger(Duration left) {
                print("not renewed for a while; certain for " + left.toMillis() + " ms more");
            }

            @Override
            public void lost(String why) {
                print("gone: " + why);
            }
        };
        try (KeptLease lease = client.leases().keep(10, worries).await()) {
            client.kv()
                    .put(Bytes.of("workers/1"), Bytes.of("10.0.0.7"), PutOptions.DEFAULT.withLease(lease.id()))
                    .await();
        }
        // end::lease
        assertThat(printed).isEmpty();
    }

    @Test
    void locks() {
        // tag::lock
        try (Hold lock = client.coordination()
                .hold(Bytes.of("locks/report"), 10, KeptLease.Listener.NONE)
                .await()) {
            TxnResult written = client.kv()
                    .txn()
                    .when(lock.guard())
                    .then(Op.put("report", "written under token " + lock.token()))
                    .commit()
                    .await();
            if (!written.succeeded()) {
                print("somebody else has the lock by now");
            }
        }
        // end::lock
        assertThat(printed).isEmpty();
        assertThat(client.kv().get("report").await().count()).isEqualTo(1);
    }

    @Test
    void elections() {
        // tag::election
        try (Hold leadership = client.coordination()
                .lead(Bytes.of("elections/scheduler"), 10, Bytes.of("10.0.0.7"), KeptLease.Listener.NONE)
                .await()) {
            print("this process leads for at least " + leadership.left().toSeconds() + " s");
        }
        // end::election
        assertThat(printed).hasSize(1);
    }

    @Test
    void recipes() throws IOException {
        // tag::counter
        long visits = new Counter(client, Bytes.of("visits")).add(1).await();
        // end::counter
        assertThat(visits).isEqualTo(1);
        // tag::queue
        FifoQueue queue = new FifoQueue(client, Bytes.of("orders"));
        queue.offer(Bytes.of("12 axolotls")).await();
        try (QueueConsumer consumer =
                queue.consumer(10, KeptLease.Listener.NONE).await()) {
            Claim order = consumer.take().await();
            order.done(Op.put("packed", order.value().utf8())).await();
        }
        // end::queue
        assertThat(queue.size().await()).isZero();
        // tag::view
        try (CachedView flags = CachedView.open(client, Bytes.of("flags/"), CachedViewOptions.DEFAULT)
                .await()) {
            PutResult written = client.kv().put("flags/dark", "on").await();
            flags.atLeast(written.header().revision()).await();
            print(flags.get(Bytes.of("flags/dark")).map(kv -> kv.value().utf8()).orElse("off"));
        }
        // end::view
        // tag::files
        FileStore files = new FileStore(client, Bytes.of("files"), FileStoreOptions.DEFAULT);
        files.create("notes.txt", Bytes.of("first line\n")).await();
        files.append("notes.txt", Bytes.of("second line\n")).await();
        try (InputStream notes = files.open("notes.txt").await().stream()) {
            print(new String(notes.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .count() + " lines");
        }
        for (FileInfo file : files.list("", "", 100).await().files()) {
            print(file.name() + ", " + file.bytes() + " bytes");
        }
        files.delete("notes.txt").await();
        // end::files
        assertThat(printed).containsExactly("on", "2 lines", "notes.txt, 23 bytes");
    }

    @Test
    void reading() {
        client.kv().put("config/size", "7").await();
        // tag::reads
        GetOptions fromAnyMember = GetOptions.DEFAULT.withSerializable(true);
        try (AxolotlClient reader = AxolotlClient.builder()
                .endpoints(endpoints)
                .loadBalancing(LoadBalancing.ROUND_ROBIN)
                .build()) {
            GetResult perhapsOld =
                    reader.kv().get(KeyRange.prefix("config/"), fromAnyMember).await();
            print("as of revision " + perhapsOld.header().revision());
        }
        // end::reads
        assertThat(printed).hasSize(1);
    }

    @Test
    void users() {
        try (AxolotlCluster own = AxolotlCluster.builder().build().start()) {
            AxolotlClient admin = own.client();
            List<String> endpoints = own.endpoints();
            // tag::auth
            admin.auth().userAdd("root", "secret").await();
            admin.auth().userGrantRole("root", "root").await();
            admin.auth().roleAdd("reader").await();
            admin.auth()
                    .roleGrantPermission("reader", new Permission(Permission.Type.READ, KeyRange.prefix("open/")))
                    .await();
            admin.auth().userAdd("ada", "lovelace").await();
            admin.auth().userGrantRole("ada", "reader").await();
            admin.auth().enable().await();
            try (AxolotlClient ada = AxolotlClient.builder()
                    .endpoints(endpoints)
                    .credentials("ada", "lovelace")
                    .build()) {
                ada.kv().get(KeyRange.prefix("open/")).await();
                print(ada.kv().put("open/k", "v").awaitOutcome());
            }
            // end::auth
        }
        assertThat(printed).hasSize(1).allMatch(line -> line.contains("PermissionDeniedException"));
    }

    @Test
    void tls() {
        try (AxolotlCluster own = AxolotlCluster.builder().tls().build().start()) {
            List<String> endpoints = own.endpoints();
            Path caFile = own.caFile();
            // tag::tls
            try (AxolotlClient secured = AxolotlClient.builder()
                    .endpoints(endpoints)
                    .tls(TlsOptions.trusting(caFile))
                    .build()) {
                secured.kv().put("k", "v").await();
            }
            // end::tls
        }
    }

    @Test
    void deadlines() {
        // tag::deadlines
        RetryPolicy policy =
                RetryPolicy.DEFAULT.withAttemptTimeout(Duration.ofSeconds(1)).withHedgeAfter(Duration.ofMillis(50));
        try (AxolotlClient patient = AxolotlClient.builder()
                .endpoints(endpoints)
                .requestTimeout(Duration.ofSeconds(10))
                .retryPolicy(policy)
                .build()) {
            patient.kv().get("k").await();
        }
        // end::deadlines
        assertThat(policy.hedgeAfter()).contains(Duration.ofMillis(50));
    }

    @Test
    void measuring() {
        // tag::metrics
        MetricRegistry metrics = new MetricRegistry();
        try (AxolotlClient measured =
                AxolotlClient.builder().endpoints(endpoints).metrics(metrics).build()) {
            measured.kv().put("k", "v").await();
        }
        print(metrics.timer("axolotl.client.calls.put").getCount() + " put, "
                + metrics.counter("axolotl.client.retries").getCount() + " retries");
        // end::metrics
        assertThat(printed).hasSize(1).allMatch(line -> line.startsWith("1 put, "));
    }

    @Test
    void tracing() {
        // tag::tracing
        CallListener tracer = name -> new CallListener.Call() {
            private final long startNanos = System.nanoTime();

            @Override
            public void attemptEnded(int attempt, Endpoint endpoint, ErrorCode code) {
                print(name + ", attempt " + attempt + " at " + endpoint + ": " + code);
            }

            @Override
            public void ended(Outcome<?> outcome) {
                print(name + " took " + (System.nanoTime() - startNanos) / 1_000 + " us");
            }
        };
        try (AxolotlClient traced =
                AxolotlClient.builder().endpoints(endpoints).listener(tracer).build()) {
            traced.kv().get("k").await();
        }
        // end::tracing
        assertThat(printed).anyMatch(line -> line.startsWith("get, attempt 1 at http://127.0.0.1:"));
    }

    @Test
    void virtualThreads() throws Exception {
        // tag::threads
        // With Java 21: Executors.newVirtualThreadPerTaskExecutor()
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Future<PutResult>> puts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String key = "thread/" + i;
            puts.add(threads.submit(() -> client.kv().put(key, "v").await()));
        }
        for (Future<PutResult> put : puts) {
            put.get();
        }
        threads.shutdown();
        // end::threads
        assertThat(client.kv().get(KeyRange.prefix("thread/")).await().count()).isEqualTo(100);
    }

    @Test
    void failures() {
        // tag::failures
        try {
            client.kv().put("k", "v".repeat(3 << 20)).await();
        } catch (RequestTooLargeException e) {
            print("split it: " + e.getMessage());
        } catch (ClusterUnreachableException | AuthenticationException e) {
            print("nothing works now: " + e.getMessage() + "; " + e.advice());
        } catch (RefusedException e) {
            print("certainly not applied: " + e.code() + " " + e.text());
        } catch (UnknownOutcomeException e) {
            print("perhaps applied: " + e.advice());
        }
        // end::failures
        assertThat(printed).hasSize(1).allMatch(line -> line.startsWith("split it: put of"));
    }
}
