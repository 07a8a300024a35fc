package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.driver.HandRunCluster.Member;
import io.axolotl.server.driver.HandRunCluster.Outcome;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's numbered puts on three hand-run members: proposed again and again, wherever and whoever leads. */
@DisplayName("pitfall 51: however often a numbered call is proposed, it is executed once")
class SessionScenarioTest {
    private static final long SESSION = 77;

    private final HandRunCluster cluster = new HandRunCluster(3, 3, Tuning.defaults());

    private static Outcome put(Member at, String key, int slot, long sequence) {
        return at.propose(
                Caller.NOBODY.making(new CallId(SESSION, slot, sequence)),
                new Command.Put(key.getBytes(StandardCharsets.UTF_8), new byte[] {1}, 0, false, false, false));
    }

    private static void open(HandRunCluster at) {
        Outcome opened = at.leader().propose(Caller.NOBODY, new Command.OpenSession(SESSION, 10));
        at.runUntil("a session", opened::isDone);
    }

    private static CommandResult resultOf(Outcome outcome) {
        return ((ProposalResult.Done) Objects.requireNonNull(outcome.result)).result();
    }

    @Test
    void allMembersAtOnceProposeItAndAllAreToldTheSame() {
        open(cluster);
        List<Outcome> outcomes =
                cluster.members().stream().map(member -> put(member, "k", 0, 1)).toList();
        cluster.runUntil("all answered", () -> outcomes.stream().allMatch(Outcome::isDone));
        assertThat(outcomes.stream().map(SessionScenarioTest::resultOf).distinct())
                .hasSize(1);
        cluster.run(50);
        assertThat(cluster.members()).allMatch(member -> member.versions("k") == 1);
    }

    @Test
    void whatALostLeaderHasCommittedIsToldByTheNext() {
        open(cluster);
        Member old = cluster.leader();
        Outcome first = put(old, "k", 0, 1);
        cluster.runUntil(
                "it is applied somewhere",
                () -> cluster.members().stream().anyMatch(member -> member.versions("k") == 1));
        cluster.crash(old);
        Member next = cluster.leader();
        Outcome again = put(next, "k", 0, 1);
        cluster.runUntil("the repeat is answered", again::isDone);
        if (first.isDone()) {
            assertThat(resultOf(again)).isEqualTo(resultOf(first));
        }
        cluster.startAllThatAreDown();
        cluster.leader();
        cluster.run(100);
        assertThat(cluster.members()).allMatch(member -> member.versions("k") == 1);
    }

    @Test
    @DisplayName("pitfall 43: who comes back by a snapshot knows the calls that are in it")
    void aSnapshotBringsTheCalls() {
        HandRunCluster small = new HandRunCluster(3, 3, Tuning.defaults().withSnapshots(20, 0));
        open(small);
        Member behind = small.followers().get(0);
        small.crash(behind);
        Outcome first = put(small.leader(), "k", 0, 1);
        small.runUntil("it is done", first::isDone);
        for (int i = 1; i <= 60; i++) {
            Outcome more = put(small.leader(), "more", 1, i);
            small.runUntil("it is done", more::isDone);
        }
        small.startAllThatAreDown();
        Member back = small.member(behind.id);
        small.runUntil("a snapshot was installed", () -> back.stages.applier.lastInstalled() != null);
        Outcome again = put(back, "k", 0, 1);
        small.runUntil("the repeat is answered", again::isDone);
        assertThat(resultOf(again)).isEqualTo(resultOf(first));
        small.run(50);
        assertThat(small.members()).allMatch(member -> member.versions("k") == 1 && member.versions("more") == 60);
    }

    /** A client that proposes its next put only when it was told of the one before, and until then again and again. */
    private final class Client {
        private final Random random;
        private final String key;
        private final int slot;
        private long sequence = 1;
        private long done;
        private final List<Outcome> attempts = new ArrayList<>();

        Client(int slot, long seed) {
            this.slot = slot;
            this.key = "k" + slot;
            this.random = new Random(seed);
        }

        void turn() {
            if (attempts.stream().anyMatch(Outcome::isDone)) {
                assertThat(attempts.stream()
                                .filter(Outcome::isDone)
                                .map(SessionScenarioTest::resultOf)
                                .distinct())
                        .hasSize(1);
                done++;
                sequence++;
                attempts.clear();
            }
            List<Member> up = cluster.members();
            if (attempts.size() < 6 && !up.isEmpty() && random.nextInt(12) == 0) {
                attempts.add(put(up.get(random.nextInt(up.size())), key, slot, sequence));
            }
            attempts.removeIf(attempt -> attempt.isAnswered() && !attempt.isDone());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    @DisplayName("P1, N1, N10, I7: under crashes, cuts and loss there are as many versions as puts were done")
    void versionsEqualDonePutsUnderFaults(long seed) {
        Random random = new Random(seed);
        open(cluster);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(new Client(i, seed * 10 + i));
        }
        for (int turn = 0; turn < 3_000; turn++) {
            clients.forEach(Client::turn);
            if (random.nextInt(150) == 0) {
                List<Member> up = cluster.members();
                Member victim = up.get(random.nextInt(up.size()));
                switch (random.nextInt(4)) {
                    case 0 -> cluster.isolate(victim);
                    case 1 -> {
                        if (up.size() == 3) {
                            cluster.crash(victim);
                            clients.forEach(client -> client.attempts.clear());
                        }
                    }
                    case 2 -> cluster.heal();
                    default -> cluster.startAllThatAreDown();
                }
            }
            if (random.nextInt(4) == 0) {
                cluster.lossyTurn(0.1);
            } else {
                cluster.turn();
            }
        }
        cluster.heal();
        cluster.startAllThatAreDown();
        cluster.leader();
        for (Client client : clients) {
            // What hangs is asked for until it is known.
            Outcome last = put(cluster.leader(), client.key, client.slot, client.sequence);
            while (!last.isDone()) {
                Outcome asked = last;
                cluster.runUntil("it is answered", asked::isAnswered);
                last = asked.isDone() ? asked : put(cluster.leader(), client.key, client.slot, client.sequence);
            }
            client.done++;
        }
        cluster.run(500);
        for (Client client : clients) {
            assertThat(client.done).as(client.key).isGreaterThan(5);
            assertThat(cluster.members()).allMatch(member -> member.versions(client.key) == client.done);
        }
    }
}
