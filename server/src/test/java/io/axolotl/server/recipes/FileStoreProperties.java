package io.axolotl.server.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetOptions;
import io.axolotl.client.KeyRange;
import io.axolotl.client.recipes.FileExistsException;
import io.axolotl.client.recipes.FileInfo;
import io.axolotl.client.recipes.FileMissingException;
import io.axolotl.client.recipes.FileStore;
import io.axolotl.client.recipes.FileStoreOptions;
import io.axolotl.client.recipes.StoredFile;
import io.axolotl.server.api.Edge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/** Two stores on the same files, two operations at a time, beside a map of byte arrays that does them one after the other. */
class FileStoreProperties {
    private static final Edge EDGE = new Edge();
    private static final AxolotlClient CLIENT = AxolotlClient.builder()
            .endpoints("http://127.0.0.1:" + EDGE.address.getPort())
            .requestTimeout(Duration.ofSeconds(30))
            .build();
    private static final AtomicInteger TRIES = new AtomicInteger();

    /** What can be asked for. */
    enum Kind {
        CREATE,
        WRITE,
        APPEND,
        RENAME,
        DELETE
    }

    /** One operation: the second name is that of a rename. */
    record Call(Kind kind, String name, String second, int bytes, byte fill) {
        private byte[] content() {
            byte[] content = new byte[bytes];
            Arrays.fill(content, fill);
            return content;
        }

        /** What it comes to: a size, or the name of a refusal. */
        private String on(Map<String, byte[]> files) {
            byte[] old = files.get(name);
            if (kind == Kind.CREATE && old != null) {
                return FileExistsException.class.getSimpleName();
            }
            if (old == null && (kind == Kind.APPEND || kind == Kind.RENAME || kind == Kind.DELETE)) {
                return FileMissingException.class.getSimpleName();
            }
            if (kind == Kind.RENAME && files.containsKey(second)) {
                return FileExistsException.class.getSimpleName();
            }
            switch (kind) {
                case CREATE, WRITE -> files.put(name, content());
                case APPEND -> {
                    byte[] longer = Arrays.copyOf(old, old.length + bytes);
                    System.arraycopy(content(), 0, longer, old.length, bytes);
                    files.put(name, longer);
                }
                case RENAME -> {
                    files.remove(name);
                    files.put(second, old);
                }
                case DELETE -> {
                    files.remove(name);
                    return "" + old.length;
                }
            }
            return "" + files.get(kind == Kind.RENAME ? second : name).length;
        }

        private CompletableFuture<String> on(FileStore store) {
            Bytes content = Bytes.copyOf(content());
            CompletableFuture<FileInfo> done = switch (kind) {
                case CREATE -> store.create(name, content);
                case WRITE -> store.write(name, content);
                case APPEND -> store.append(name, content);
                case RENAME -> store.rename(name, second);
                case DELETE -> store.delete(name);
            };
            return done.handle((info, failure) -> {
                if (failure == null) {
                    return "" + info.bytes();
                }
                Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                return cause.getClass().getSimpleName();
            });
        }
    }

    /** Two operations that are begun at the same time. */
    record Pair(Call one, Call other) {}

    @AfterContainer
    static void close() {
        CLIENT.close();
        EDGE.close();
    }

    @Provide
    Arbitrary<List<Pair>> pairs() {
        Arbitrary<String> names = Arbitraries.of("a", "b", "c");
        Arbitrary<Call> calls = Combinators.combine(
                        Arbitraries.of(Kind.class),
                        names,
                        names,
                        Arbitraries.integers().between(0, 90),
                        Arbitraries.bytes())
                .as(Call::new);
        return Combinators.combine(calls, calls)
                .as(Pair::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(10);
    }

    @Property(tries = 25)
    @Label(
            "what two stores do at the same time is what doing it one after the other comes to, and open files stay what they were")
    void storesAreOneAfterTheOther(@ForAll("pairs") List<Pair> pairs) {
        Bytes prefix = Bytes.of("try" + TRIES.incrementAndGet());
        FileStore fine = new FileStore(
                CLIENT, prefix, FileStoreOptions.DEFAULT.withChunkBytes(7).withWholeBytes(40));
        FileStore coarse = new FileStore(
                CLIENT,
                prefix,
                FileStoreOptions.DEFAULT.withChunkBytes(16).withWholeBytes(64).withWindow(2));
        Map<String, byte[]> files = new TreeMap<>();
        List<StoredFile> open = new ArrayList<>();
        List<byte[]> seen = new ArrayList<>();
        for (Pair pair : pairs) {
            CompletableFuture<String> one = pair.one.on(fine);
            CompletableFuture<String> other = pair.other.on(coarse);
            List<String> said = List.of(one.join(), other.join());
            Map<String, byte[]> oneFirst = new TreeMap<>(files);
            List<String> saidOneFirst = List.of(pair.one.on(oneFirst), pair.other.on(oneFirst));
            Map<String, byte[]> otherFirst = new TreeMap<>(files);
            String otherSaid = pair.other.on(otherFirst);
            List<String> saidOtherFirst = List.of(pair.one.on(otherFirst), otherSaid);
            Map<String, byte[]> now = all(fine);
            boolean isOneFirst = said.equals(saidOneFirst) && isEqual(now, oneFirst);
            boolean isOtherFirst = said.equals(saidOtherFirst) && isEqual(now, otherFirst);
            assertThat(isOneFirst || isOtherFirst)
                    .as("%s came to %s and left %s of %s", pair, said, sizes(now), sizes(files))
                    .isTrue();
            files = now;
            if (files.containsKey("a")) {
                open.add(coarse.open("a").await());
                seen.add(files.get("a"));
            }
        }
        for (int i = 0; i < open.size(); i++) {
            assertThat(open.get(i).read(0, 10_000).await().toByteArray()).isEqualTo(seen.get(i));
        }
        while (count(prefix.plus("/x/")) != 0) {
            fine.collect().await();
        }
        files.keySet().forEach(name -> fine.delete(name).await());
        while (count(prefix.plus("/x/")) != 0) {
            fine.collect().await();
        }
        assertThat(count(prefix.plus("/")))
                .as("keys that are left without files")
                .isZero();
    }

    private static Map<String, byte[]> all(FileStore store) {
        Map<String, byte[]> files = new TreeMap<>();
        for (FileInfo info : store.list("", "", 100).await().files()) {
            files.put(info.name(), store.read(info.name(), 0, 10_000).await().toByteArray());
        }
        return files;
    }

    private static boolean isEqual(Map<String, byte[]> one, Map<String, byte[]> other) {
        return one.keySet().equals(other.keySet())
                && one.keySet().stream().allMatch(name -> Arrays.equals(one.get(name), other.get(name)));
    }

    private static Map<String, Integer> sizes(Map<String, byte[]> files) {
        Map<String, Integer> sizes = new TreeMap<>();
        files.forEach((name, content) -> sizes.put(name, content.length));
        return sizes;
    }

    private static long count(Bytes prefix) {
        return CLIENT.kv()
                .get(KeyRange.prefix(prefix), GetOptions.DEFAULT.withCountOnly(true))
                .await()
                .count();
    }
}
