package io.axolotl.server.api.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.storage.command.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * Watches of all kinds, while keys change, history is compacted and removed, clients stop reading and go on, snapshots take the
 * store's place: what each client was sent against a list of everything that happened. The rules are those of etcd's own
 * checkers: ordered, unique, atomic, reliable, resumable, filtered, bookmarkable, with the right predecessors (I8).
 */
class WatchHistoryProperties {
    private static final String[] KEYS = {"a", "b", "c", "ca", "d"};

    /** So small that every bound is met. */
    private static final WatchLimits TINY = new WatchLimits(
            3, 200, 5, 40, 150, 4_000, 1 << 20, Duration.ofSeconds(10), Duration.ofSeconds(3), Duration.ofSeconds(1));

    /** What is done is drawn as numbers, so that a failure shrinks. */
    record Step(int kind, int one, int two, int three) {}

    @Property(tries = 1500)
    @Label(
            "I8, GU-4, WA-3 to WA-10, A5 to A10: each watcher gets what happened, once, whole, in order, or the compacted end")
    void everybodyIsToldWhatHappened(@ForAll("steps") List<Step> steps) {
        try (World world = new World()) {
            steps.forEach(world::take);
            world.finish();
            world.judge();
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> numbers = Arbitraries.integers().between(0, 99);
        return net.jqwik.api.Combinators.combine(numbers, numbers, numbers, numbers)
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(80);
    }

    /** One watcher as its client remembers it. */
    private static final class Told {
        final WatchCreateRequest request;
        final List<Event> events = new ArrayList<>();
        long createdAt = -1;
        boolean isCancelled;
        long compactedAt = -1;
        boolean isInFragment;
        long bookmark;

        Told(WatchCreateRequest request) {
            this.request = request;
        }

        long start() {
            return request.getStartRevision() == 0 ? createdAt + 1 : request.getStartRevision();
        }
    }

    private static final class Client {
        final WatchBench.Client bench;
        final List<WatchCreateRequest> asked = new ArrayList<>();
        final Map<Long, Told> watchers = new LinkedHashMap<>();
        final List<Told> all = new ArrayList<>();
        int created;

        Client(WatchBench.Client bench) {
            this.bench = bench;
        }
    }

    private static final class World implements AutoCloseable {
        final WatchBench bench = new WatchBench(TINY);
        final List<Client> clients = new ArrayList<>();

        /** Everything that happened, with predecessors, by the rules of the contract and not by the store. */
        final List<Event> history = new ArrayList<>();

        final Map<String, KeyValue> live = new TreeMap<>();
        long revision = 1;
        long floor = -1;
        boolean isCutOff;

        World() {
            for (int i = 0; i < 3; i++) {
                clients.add(new Client(bench.client()));
            }
        }

        void take(Step step) {
            Client client = clients.get(step.one % clients.size());
            switch (step.kind % 20) {
                case 0, 1, 2 -> put(step);
                case 3 -> delete(step);
                case 4, 5 -> change(List.of(op(step.one, step.two), op(step.one + 1, step.three)), step);
                case 6 -> deleteRange(step);
                case 7, 8, 9, 10 -> create(client, step);
                case 11 -> client.bench.cancel(step.two % 3);
                case 12 -> client.bench.hasRoomFor(0);
                case 13 -> client.bench.hasRoomFor(1 + step.two % 3);
                case 14 -> client.bench.hasRoomFor(Integer.MAX_VALUE);
                case 15 -> compact(step);
                case 16 -> bench.node.removeHistory();
                case 17 -> client.bench.askProgress();
                case 18 -> snapshot(step);
                default -> bench.hub.runOnce();
            }
            if (step.three % 3 != 0) {
                bench.hub.runOnce();
            }
            clients.forEach(this::listen);
        }

        private static String key(int number) {
            return KEYS[number % KEYS.length];
        }

        private void put(Step step) {
            change(List.of(op(step.one, step.two)), step);
        }

        private static Command.Op op(int key, int value) {
            return WatchBench.putOf(key(key), "v" + value);
        }

        private void delete(Step step) {
            deleteKeys(List.of(key(step.one)), WatchBench.deleteOf(key(step.one), ""));
        }

        private void deleteRange(Step step) {
            String from = key(step.one);
            List<String> keys = live.keySet().stream()
                    .filter(key -> key.compareTo(from) >= 0)
                    .toList();
            deleteKeys(keys, new Command.DeleteRange(WatchBench.utf8(from), new byte[1], false));
        }

        private void change(List<Command.Op> puts, Step step) {
            if (isCutOff && step.two % 2 == 0) {
                return;
            }
            revision++;
            for (Command.Op op : puts) {
                Command.Put put = (Command.Put) op;
                String key = new String(put.key(), java.nio.charset.StandardCharsets.UTF_8);
                KeyValue before = live.get(key);
                KeyValue now = KeyValue.newBuilder()
                        .setKey(ByteString.copyFrom(put.key()))
                        .setValue(ByteString.copyFrom(put.value()))
                        .setModRevision(revision)
                        .setCreateRevision(before == null ? revision : before.getCreateRevision())
                        .setVersion(before == null ? 1 : before.getVersion() + 1)
                        .build();
                live.put(key, now);
                record(Event.EventType.PUT, now, before);
            }
            bench.apply(puts.size() == 1 ? (Command) puts.get(0) : new Command.Txn(List.of(), puts, List.of()));
        }

        private void deleteKeys(List<String> keys, Command.DeleteRange command) {
            List<String> present = keys.stream().filter(live::containsKey).toList();
            if (!present.isEmpty()) {
                revision++;
            }
            for (String key : present) {
                record(
                        Event.EventType.DELETE,
                        KeyValue.newBuilder()
                                .setKey(WatchBench.bytes(key))
                                .setModRevision(revision)
                                .build(),
                        live.remove(key));
            }
            bench.apply(command);
        }

        private void record(Event.EventType type, KeyValue kv, @Nullable KeyValue before) {
            Event.Builder event = Event.newBuilder().setType(type).setKv(kv);
            if (before != null) {
                event.setPrevKv(before);
            }
            history.add(event.build());
        }

        private void compact(Step step) {
            long to = revision - step.one % 4;
            if (to > floor && to > 0) {
                floor = to;
                bench.compact(to);
            }
        }

        private void snapshot(Step step) {
            if (isCutOff) {
                bench.node.installSnapshot(step.two % 2 == 0).close();
            } else {
                bench.node.cutOff();
            }
            isCutOff = !isCutOff;
        }

        private void create(Client client, Step step) {
            WatchCreateRequest.Builder request = WatchCreateRequest.newBuilder()
                    .setPrevKv(step.three % 2 == 0)
                    .setFragment(step.three % 5 == 0)
                    .setStartRevision(step.two % 3 == 0 ? 0 : Math.max(1, revision - 6 + step.two % 9));
            if (step.one % 4 == 0) {
                request.setKey(WatchBench.bytes(key(step.two)));
            } else {
                request.setKey(WatchBench.bytes(KEYS[step.three % 2])).setRangeEnd(ByteString.copyFrom(new byte[1]));
            }
            if (step.two % 7 == 0) {
                request.addFilters(WatchCreateRequest.FilterType.NOPUT);
            } else if (step.two % 7 == 1) {
                request.addFilters(WatchCreateRequest.FilterType.NODELETE);
            }
            client.asked.add(request.build());
            client.bench.create(request);
        }

        // ---- the client's side ----

        private void listen(Client client) {
            for (WatchResponse response : client.bench.output.takeSent()) {
                hear(client, response);
            }
        }

        private void hear(Client client, WatchResponse response) {
            if (response.getCreated()) {
                Told told = new Told(client.asked.get(client.created++));
                told.createdAt = response.getHeader().getRevision();
                assertThat(client.watchers.put(response.getWatchId(), told)).isNull();
                client.all.add(told);
                return;
            }
            if (response.getWatchId() == -1) {
                long bookmark = response.getHeader().getRevision();
                client.watchers.values().forEach(told -> {
                    told.bookmark = bookmark;
                    assertThat(told.events)
                            .as("A8: at bookmark %s", bookmark)
                            .isEqualTo(stripped(told, expected(told, bookmark)));
                });
                return;
            }
            Told told = Objects.requireNonNull(
                    client.watchers.get(response.getWatchId()), "only watchers that exist are spoken to");
            assertThat(client.watchers.values().stream().filter(other -> other.isInFragment))
                    .as("WA-15: pieces follow each other")
                    .isSubsetOf(told);
            if (response.getCanceled()) {
                told.isCancelled = true;
                told.compactedAt = response.getCompactRevision();
                client.watchers.remove(response.getWatchId());
                return;
            }
            assertThat(response.getEventsList()).as("WA-7").isNotEmpty();
            boolean isFirst = true;
            for (Event event : response.getEventsList()) {
                long at = event.getKv().getModRevision();
                assertThat(at).as("WA-9 c").isGreaterThan(told.bookmark);
                assertThat(response.getHeader().getRevision()).as("WA-6").isGreaterThanOrEqualTo(at);
                if (isFirst && !told.isInFragment && !told.events.isEmpty()) {
                    assertThat(at)
                            .as("GU-1: a revision comes in one message")
                            .isGreaterThan(lastOf(told).getKv().getModRevision());
                }
                told.events.add(event);
                isFirst = false;
            }
            told.isInFragment = response.getFragment();
        }

        private static Event lastOf(Told told) {
            return told.events.get(told.events.size() - 1);
        }

        // ---- judging ----

        void finish() {
            if (isCutOff) {
                bench.node.installSnapshot(false).close();
            }
            clients.forEach(client -> client.bench.hasRoomFor(Integer.MAX_VALUE));
            bench.settle();
            clients.forEach(this::listen);
        }

        void judge() {
            for (Client client : clients) {
                assertThat(client.created).as("every request was answered").isEqualTo(client.asked.size());
                for (Told told : client.all) {
                    judge(told);
                }
            }
        }

        private void judge(Told told) {
            List<Event> expected = expected(told, Long.MAX_VALUE);
            assertThat(told.isInFragment).isFalse();
            if (told.isCancelled) {
                assertThat(expected.size()).isGreaterThanOrEqualTo(told.events.size());
                expected = expected.subList(0, told.events.size());
            }
            assertThat(told.events).as("%s", told.request).isEqualTo(stripped(told, expected));
            if (told.compactedAt > 0) {
                assertThat(told.compactedAt).as("WA-4").isLessThanOrEqualTo(floor);
                long next = told.events.isEmpty()
                        ? told.start()
                        : lastOf(told).getKv().getModRevision() + 1;
                assertThat(next).as("WA-4: what it needed is gone").isLessThan(told.compactedAt);
            }
        }

        private List<Event> expected(Told told, long through) {
            KeySpan span = KeySpan.of(told.request.getKey(), told.request.getRangeEnd());
            return history.stream()
                    .filter(event -> event.getKv().getModRevision() >= told.start()
                            && event.getKv().getModRevision() <= through
                            && span.contains(event.getKv().getKey().toByteArray())
                            && !isFiltered(told.request, event))
                    .toList();
        }

        private static boolean isFiltered(WatchCreateRequest request, Event event) {
            return request.getFiltersList()
                    .contains(
                            event.getType() == Event.EventType.PUT
                                    ? WatchCreateRequest.FilterType.NOPUT
                                    : WatchCreateRequest.FilterType.NODELETE);
        }

        /** WA-8: without predecessors unless asked for, and where compaction may have come first, as they were sent. */
        private List<Event> stripped(Told told, List<Event> events) {
            Map<Integer, Event> sent = new HashMap<>();
            for (int i = 0; i < told.events.size(); i++) {
                sent.put(i, told.events.get(i));
            }
            List<Event> stripped = new ArrayList<>();
            for (int i = 0; i < events.size(); i++) {
                Event event = events.get(i);
                Event got = sent.get(i);
                boolean mayBeGone = event.getKv().getModRevision() - 1 < floor;
                boolean isLeftOut = mayBeGone && got != null && !got.hasPrevKv();
                stripped.add(
                        !told.request.getPrevKv() || isLeftOut
                                ? event.toBuilder().clearPrevKv().build()
                                : event);
            }
            return stripped;
        }

        @Override
        public void close() {
            bench.close();
        }
    }
}
