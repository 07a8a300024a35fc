package io.axolotl.jepsen.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.transport.LoopbackPorts;
import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.cluster.Member;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.election.NoLeaderException;
import io.etcd.jetcd.election.NotLeaderException;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.maintenance.StatusResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** jetcd as it comes from Maven Central: a client that we did not write. */
@ExtendWith(SharedCluster.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class JetcdTest {
    private Client client;

    @BeforeEach
    void connect(ProcessCluster cluster) {
        client = Client.builder()
                .endpoints(cluster.endpoints().toArray(String[]::new))
                .build();
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("jetcd manages users and roles, and logs in by itself, also when its token is none any more")
    void accessControl(ProcessCluster cluster) throws Exception {
        Auth auth = client.getAuthClient();
        ByteSequence root = bytes("root");
        ByteSequence alice = bytes("jetcd-alice");
        ByteSequence role = bytes("jetcd-role");
        await(auth.userAdd(root, bytes("secret")));
        await(auth.roleAdd(root));
        await(auth.userGrantRole(root, root));
        await(auth.userAdd(alice, bytes("wonder")));
        await(auth.roleAdd(role));
        await(auth.roleGrantPermission(role, bytes("ja/a"), bytes("ja/c"), Permission.Type.READWRITE));
        await(auth.userGrantRole(alice, role));
        await(auth.authEnable());
        try (Client asAlice = loggedIn(cluster, "jetcd-alice", "wonder");
                Client asRoot = loggedIn(cluster, "root", "secret")) {
            try {
                await(asAlice.getKVClient().put(bytes("ja/a"), bytes("1")));
                assertThat(await(asAlice.getKVClient().get(bytes("ja/a"))).getCount())
                        .isEqualTo(1);
                assertThatThrownBy(() -> await(asAlice.getKVClient().put(bytes("ja/x"), bytes("1"))))
                        .hasMessageContaining("permission denied");
                assertThatThrownBy(() -> await(client.getKVClient().get(bytes("ja/a"))))
                        .hasMessageContaining("user name is empty");
                assertThat(await(asRoot.getAuthClient().roleGet(role)).getPermissions())
                        .hasSize(1);
                // Its tokens end with the password; the client shows the new one by itself only if it is the same.
                await(asRoot.getAuthClient().userChangePassword(alice, bytes("wonder")));
                await(asAlice.getKVClient().put(bytes("ja/b"), bytes("2")));
            } finally {
                await(asRoot.getAuthClient().authDisable());
            }
        }
        await(auth.userDelete(alice));
        await(auth.userDelete(root));
        await(auth.roleDelete(role));
        await(auth.roleDelete(root));
        await(client.getKVClient().put(bytes("ja/a"), bytes("3")));
    }

    private static Client loggedIn(ProcessCluster cluster, String user, String password) {
        return Client.builder()
                .endpoints(cluster.endpoints().toArray(String[]::new))
                .user(bytes(user))
                .password(bytes(password))
                .build();
    }

    @Test
    @DisplayName("jetcd puts, gets and deletes")
    void keysAreWrittenReadAndDeleted() throws Exception {
        KV kv = client.getKVClient();
        await(kv.put(bytes("jetcd/a"), bytes("1")));
        var replaced = await(kv.put(
                bytes("jetcd/a"), bytes("2"), PutOption.builder().withPrevKV().build()));
        assertThat(replaced.getPrevKv().getValue()).isEqualTo(bytes("1"));
        await(kv.put(bytes("jetcd/b"), bytes("3")));
        GetResponse all =
                await(kv.get(bytes("jetcd/"), GetOption.builder().isPrefix(true).build()));
        assertThat(all.getCount()).isEqualTo(2);
        assertThat(all.getKvs().get(0).getVersion()).isEqualTo(2);
        assertThat(await(kv.delete(bytes("jetcd/a"))).getDeleted()).isEqualTo(1);
        assertThat(await(kv.get(bytes("jetcd/a"))).getKvs()).isEmpty();
    }

    @Test
    @DisplayName("jetcd's transactions compare and branch")
    void transactionComparesAndBranches() throws Exception {
        KV kv = client.getKVClient();
        ByteSequence key = bytes("jetcd-txn");
        await(kv.put(key, bytes("old")));
        TxnResponse swapped = await(kv.txn()
                .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.value(bytes("old"))))
                .Then(Op.put(key, bytes("new"), PutOption.DEFAULT))
                .Else(Op.get(key, GetOption.DEFAULT))
                .commit());
        assertThat(swapped.isSucceeded()).isTrue();
        TxnResponse again = await(kv.txn()
                .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.value(bytes("old"))))
                .Then(Op.put(key, bytes("never"), PutOption.DEFAULT))
                .Else(Op.get(key, GetOption.DEFAULT))
                .commit());
        assertThat(again.isSucceeded()).isFalse();
        assertThat(again.getGetResponses().get(0).getKvs().get(0).getValue()).isEqualTo(bytes("new"));
    }

    @Test
    @DisplayName("WA-1, WA-3, WA-8: jetcd watches history and what comes, with what was there before")
    void changesAreWatched() throws Exception {
        KV kv = client.getKVClient();
        long first =
                await(kv.put(bytes("jetcd-watch/a"), bytes("1"))).getHeader().getRevision();
        BlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
        WatchOption option = WatchOption.builder()
                .isPrefix(true)
                .withRevision(first)
                .withPrevKV(true)
                .build();
        Watch.Watcher watcher = client.getWatchClient()
                .watch(bytes("jetcd-watch/"), option, response -> events.addAll(response.getEvents()));
        WatchEvent put = next(events);
        assertThat(put.getEventType()).isEqualTo(WatchEvent.EventType.PUT);
        assertThat(put.getKeyValue().getModRevision()).isEqualTo(first);
        await(kv.put(bytes("jetcd-watch/a"), bytes("2")));
        assertThat(next(events).getPrevKV().getValue()).isEqualTo(bytes("1"));
        await(kv.delete(bytes("jetcd-watch/a")));
        WatchEvent delete = next(events);
        assertThat(delete.getEventType()).isEqualTo(WatchEvent.EventType.DELETE);
        assertThat(delete.getKeyValue().getKey()).isEqualTo(bytes("jetcd-watch/a"));
        watcher.close();
    }

    @Test
    @DisplayName("WA-4: a watch of jetcd from a compacted revision fails with the revision to start from")
    void aCompactedWatchFails() throws Exception {
        KV kv = client.getKVClient();
        long first = await(kv.put(bytes("jetcd-gone"), bytes("1"))).getHeader().getRevision();
        long last = await(kv.put(bytes("jetcd-gone"), bytes("2"))).getHeader().getRevision();
        await(kv.compact(last));
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        WatchOption option = WatchOption.builder().withRevision(first).build();
        Watch.Watcher watcher = client.getWatchClient()
                .watch(bytes("jetcd-gone"), option, Watch.listener(response -> {}, failure::complete));
        assertThat(await(failure))
                .isInstanceOfSatisfying(
                        CompactedException.class,
                        gone -> assertThat(gone.getCompactedRevision()).isEqualTo(last));
        watcher.close();
    }

    private static <T> T next(BlockingQueue<T> events) throws InterruptedException {
        return Objects.requireNonNull(events.poll(20, TimeUnit.SECONDS), "no event came");
    }

    @Test
    @DisplayName("jetcd compacts, and reading what is gone fails with etcd's text")
    void compactionForgetsHistory() throws Exception {
        KV kv = client.getKVClient();
        ByteSequence key = bytes("jetcd-compact");
        long first = await(kv.put(key, bytes("1"))).getHeader().getRevision();
        long second = await(kv.put(key, bytes("2"))).getHeader().getRevision();
        await(kv.compact(second));
        assertThatThrownBy(() -> await(
                        kv.get(key, GetOption.builder().withRevision(first).build())))
                .hasMessageContaining("required revision has been compacted");
        assertThat(await(kv.get(key)).getKvs().get(0).getValue()).isEqualTo(bytes("2"));
    }

    @Test
    @DisplayName("jetcd lists the members and asks each for its status")
    void membersAndTheirStatus(ProcessCluster cluster) throws Exception {
        assertThat(await(client.getClusterClient().listMember()).getMembers())
                .extracting(Member::getName)
                .containsExactlyInAnyOrder("n1", "n2", "n3");
        for (ServerProcess node : cluster.nodes()) {
            StatusResponse status = await(client.getMaintenanceClient().statusMember(node.clientUrl()));
            assertThat(status.getLeader()).isNotZero();
            assertThat(status.getRaftTerm()).isPositive();
            assertThat(status.getDbSize()).isPositive();
        }
    }

    @Test
    @DisplayName("jetcd grants, renews, looks at and revokes leases")
    void leasesHoldKeys() throws Exception {
        Lease leases = client.getLeaseClient();
        long id = await(leases.grant(600)).getID();
        ByteSequence key = bytes("jetcd-lease");
        await(client.getKVClient()
                .put(key, bytes("1"), PutOption.builder().withLeaseId(id).build()));
        var left = await(
                leases.timeToLive(id, LeaseOption.builder().withAttachedKeys().build()));
        assertThat(left.getGrantedTTL()).isEqualTo(600);
        assertThat(left.getKeys()).containsExactly(key);
        assertThat(await(leases.keepAliveOnce(id)).getTTL()).isEqualTo(600);
        await(leases.revoke(id));
        assertThat(await(client.getKVClient().get(key)).getKvs()).isEmpty();
        assertThatThrownBy(() -> await(leases.revoke(id))).hasMessageContaining("requested lease not found");
    }

    @Test
    @DisplayName("jetcd watches from a revision on, with the values before")
    void watchTellsHistoryAndPresent() throws Exception {
        KV kv = client.getKVClient();
        long first =
                await(kv.put(bytes("jetcd-watch/a"), bytes("1"))).getHeader().getRevision();
        await(kv.put(bytes("jetcd-watch/a"), bytes("2")));
        BlockingQueue<WatchEvent> seen = new LinkedBlockingQueue<>();
        WatchOption option = WatchOption.builder()
                .isPrefix(true)
                .withRevision(first)
                .withPrevKV(true)
                .build();
        try (Watch.Watcher watcher = client.getWatchClient()
                .watch(bytes("jetcd-watch/"), option, response -> seen.addAll(response.getEvents()))) {
            await(kv.delete(bytes("jetcd-watch/a")));
            assertThat(next(seen).getKeyValue().getValue()).isEqualTo(bytes("1"));
            assertThat(next(seen).getPrevKV().getValue()).isEqualTo(bytes("1"));
            WatchEvent deleted = next(seen);
            assertThat(deleted.getEventType()).isEqualTo(WatchEvent.EventType.DELETE);
            assertThat(deleted.getPrevKV().getValue()).isEqualTo(bytes("2"));
            assertThat(watcher.isClosed()).isFalse();
        }
    }

    @Test
    @DisplayName("jetcd lists alarms, defragments, and finds the same hash on every member")
    void maintenanceOfEveryMember(ProcessCluster cluster) throws Exception {
        Maintenance maintenance = client.getMaintenanceClient();
        long revision = await(client.getKVClient().put(bytes("jetcd-hash"), bytes("1")))
                .getHeader()
                .getRevision();
        assertThat(await(maintenance.listAlarms()).getAlarms()).isEmpty();
        Set<Integer> hashes = new TreeSet<>();
        for (ServerProcess node : cluster.nodes()) {
            cluster.awaitCaughtUp(node, SharedCluster.BOUND);
            hashes.add(await(maintenance.hashKV(node.clientUrl(), revision)).getHash());
            await(maintenance.defragmentMember(node.clientUrl()));
        }
        assertThat(hashes).hasSize(1);
    }

    @Test
    @DisplayName(
            "LK-1, LK-2: jetcd's lock is held by one, and the one that waits gets it when it is given back, or its holder's lease ends")
    void locksAreHeldByOne() throws Exception {
        ByteSequence name = bytes("jetcd-lock");
        long first = lease();
        long second = lease();
        long third = lease();
        ByteSequence held = await(client.getLockClient().lock(name, first)).getKey();
        assertThat(held.toString(UTF_8)).startsWith("jetcd-lock/");
        CompletableFuture<LockResponse> waiting = client.getLockClient().lock(name, second);
        awaitKeys("jetcd-lock/", 2);
        assertThat(waiting).isNotDone();
        await(client.getLockClient().unlock(held));
        ByteSequence next = await(waiting).getKey();
        assertThat(next).isNotEqualTo(held);
        CompletableFuture<LockResponse> last = client.getLockClient().lock(name, third);
        awaitKeys("jetcd-lock/", 2);
        assertThat(last).isNotDone();
        await(client.getLeaseClient().revoke(second));
        await(client.getLockClient().unlock(await(last).getKey()));
        awaitKeys("jetcd-lock/", 0);
    }

    @Test
    @DisplayName("LK-3, LK-4: jetcd campaigns, proclaims, observes and resigns")
    void leadersAreElected() throws Exception {
        Election elections = client.getElectionClient();
        ByteSequence name = bytes("jetcd-election");
        assertThatThrownBy(() -> await(elections.leader(name))).hasCauseInstanceOf(NoLeaderException.class);
        BlockingQueue<String> observed = new LinkedBlockingQueue<>();
        elections.observe(name, new Election.Listener() {
            @Override
            public void onNext(LeaderResponse response) {
                observed.add(response.getKv().getValue().toString(UTF_8));
            }

            @Override
            public void onError(Throwable failure) {
                observed.add(failure.toString());
            }

            @Override
            public void onCompleted() {
                observed.add("the end");
            }
        });
        LeaderKey first =
                await(elections.campaign(name, lease(), bytes("first"))).getLeader();
        assertThat(first.getName()).isEqualTo(name);
        assertThat(next(observed)).isEqualTo("first");
        CompletableFuture<CampaignResponse> waiting = elections.campaign(name, lease(), bytes("second"));
        await(elections.proclaim(first, bytes("first again")));
        assertThat(next(observed)).isEqualTo("first again");
        assertThat(await(elections.leader(name)).getKv().getKey()).isEqualTo(first.getKey());
        awaitKeys("jetcd-election/", 2);
        assertThat(waiting).isNotDone();
        await(elections.resign(first));
        LeaderKey second = await(waiting).getLeader();
        assertThat(next(observed)).isEqualTo("second");
        assertThatThrownBy(() -> await(elections.proclaim(first, bytes("too late"))))
                .hasCauseInstanceOf(NotLeaderException.class);
        await(elections.resign(second));
        assertThatThrownBy(() -> await(elections.leader(name))).hasCauseInstanceOf(NoLeaderException.class);
    }

    private long lease() throws Exception {
        return await(client.getLeaseClient().grant(600)).getID();
    }

    /** Of a lock or an election: who holds it, and who waits. */
    private void awaitKeys(String prefix, int count) {
        GetOption option =
                GetOption.builder().isPrefix(true).withCountOnly(true).build();
        Await.fact(
                count + " keys below " + prefix,
                SharedCluster.BOUND,
                () -> client.getKVClient()
                                .get(bytes(prefix), option)
                                .orTimeout(20, TimeUnit.SECONDS)
                                .join()
                                .getCount()
                        == count);
    }

    @Test
    @DisplayName("CL-1, CL-3: jetcd adds a learner, moves it to another URL and removes it")
    void membersComeAndGo() throws Exception {
        Cluster members = client.getClusterClient();
        URI url = URI.create("http://127.0.0.1:" + LoopbackPorts.free());
        URI other = URI.create("http://127.0.0.1:" + LoopbackPorts.free());
        long id = await(members.addMember(List.of(url), true)).getMember().getId();
        try {
            assertThat(await(members.listMember()).getMembers())
                    .filteredOn(member -> member.getId() == id)
                    .singleElement()
                    .satisfies(member -> {
                        assertThat(member.isLearner()).isTrue();
                        assertThat(member.getPeerURIs()).containsExactly(url);
                    });
            assertThatThrownBy(() -> await(members.promoteMember(id)))
                    .hasMessageContaining("can only promote a learner member which is in sync with leader");
            assertThat(await(members.updateMember(id, List.of(other))).getMembers())
                    .filteredOn(member -> member.getId() == id)
                    .singleElement()
                    .satisfies(member -> assertThat(member.getPeerURIs()).containsExactly(other));
        } finally {
            await(members.removeMember(id));
        }
        assertThat(await(members.listMember()).getMembers()).hasSize(3);
        assertThatThrownBy(() -> await(members.removeMember(id))).hasMessageContaining("member not found");
    }

    @Test
    @DisplayName("MT-5: a snapshot that jetcd saves is whole: its length and its digest fit")
    void snapshotIsWhole() throws Exception {
        await(client.getKVClient().put(bytes("jetcd-saved"), bytes("in the snapshot")));
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        long length = await(client.getMaintenanceClient().snapshot(saved));
        byte[] whole = saved.toByteArray();
        assertThat(length).isEqualTo(whole.length);
        assertThat(whole.length % 512).isEqualTo(32);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(whole, whole.length - 32));
        assertThat(Arrays.copyOfRange(whole, whole.length - 32, whole.length)).isEqualTo(digest);
    }

    @Test
    @DisplayName("MT-6: jetcd moves the leadership")
    void leadershipMoves(ProcessCluster cluster) throws Exception {
        ServerProcess leader = cluster.awaitLeader(SharedCluster.BOUND);
        ServerProcess heir = cluster.others(leader).get(0);
        try (Client toLeader = Client.builder().endpoints(leader.clientUrl()).build()) {
            Maintenance maintenance = toLeader.getMaintenanceClient();
            long heirId = await(toLeader.getClusterClient().listMember()).getMembers().stream()
                    .filter(member -> member.getName().equals(heir.name()))
                    .mapToLong(Member::getId)
                    .findFirst()
                    .orElseThrow();
            await(maintenance.moveLeader(heirId));
            Await.fact(
                    "a leader of that id",
                    SharedCluster.BOUND,
                    () -> maintenance
                                    .statusMember(leader.clientUrl())
                                    .orTimeout(20, TimeUnit.SECONDS)
                                    .join()
                                    .getLeader()
                            == heirId);
        }
    }
}
