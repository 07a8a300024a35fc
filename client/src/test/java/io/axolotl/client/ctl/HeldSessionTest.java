package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.FakeEtcd;
import io.axolotl.client.proto.CampaignResponse;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.LeaderKey;
import io.axolotl.client.proto.LeaseGrantResponse;
import io.axolotl.client.proto.LeaseKeepAliveResponse;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LockResponse;
import io.axolotl.client.proto.RangeResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The member gives every lease the number 7. */
@Timeout(60)
@DisplayName("lock and elect let go at once when they are interrupted, and not when the time to live is over")
final class HeldSessionTest {
    private static final long LEASE = 7;

    private final FakeEtcd server = FakeEtcd.start(3);
    private final CountDownLatch asked = new CountDownLatch(1);

    @AfterEach
    void close() {
        server.close();
    }

    private void answersNobody() {
        server.onLock = (request, observer) -> asked.countDown();
        server.onCampaign = (request, observer) -> asked.countDown();
    }

    private void answers() {
        ByteString key = ByteString.copyFromUtf8("l/7");
        server.onLock = FakeEtcd.ok(request ->
                LockResponse.newBuilder().setHeader(server.header()).setKey(key).build());
        server.onCampaign = FakeEtcd.ok(request -> CampaignResponse.newBuilder()
                .setHeader(server.header())
                .setLeader(LeaderKey.newBuilder()
                        .setName(request.getName())
                        .setKey(key)
                        .setLease(request.getLease()))
                .build());
        server.onRange = FakeEtcd.ok(request -> RangeResponse.newBuilder()
                .setHeader(server.header())
                .addKvs(KeyValue.newBuilder().setKey(key).setLease(LEASE))
                .setCount(1)
                .build());
    }

    private RunningCtl start(String... command) {
        return new RunningCtl(server.endpoint(), command);
    }

    /** By then the lease is revoked, and nothing is complained of. */
    private void endsByInterrupt(RunningCtl command) throws Exception {
        command.interrupt();
        Ctl end = command.end();
        assertThat(server.revokes).extracting(LeaseRevokeRequest::getID).containsExactly(LEASE);
        assertThat(end.exitCode()).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(end.err()).isEmpty();
    }

    @Test
    void aLockThatIsWaitedForIsGivenUp() throws Exception {
        answersNobody();
        RunningCtl lock = start("lock", "é");
        asked.await();
        endsByInterrupt(lock);
        assertThat(server.locks)
                .singleElement()
                .satisfies(
                        request -> assertThat(request.getName().toStringUtf8()).isEqualTo("é"));
    }

    @Test
    void aLockThatIsHeldIsLetGo() throws Exception {
        answers();
        RunningCtl lock = start("lock", "l");
        lock.out.await("l/7");
        endsByInterrupt(lock);
    }

    @Test
    void anElectionIsLeft() throws Exception {
        answersNobody();
        RunningCtl candidate = start("elect", "e", "me");
        asked.await();
        endsByInterrupt(candidate);
        server.revokes.clear();
        answers();
        RunningCtl leader = start("elect", "e", "me");
        leader.out.await("l/7");
        endsByInterrupt(leader);
    }

    @Test
    @DisplayName("who holds something that has run out is told, and ends")
    void sessionsRunOut() throws Exception {
        answers();
        server.onGrant = FakeEtcd.ok(request -> LeaseGrantResponse.newBuilder()
                .setHeader(server.header())
                .setID(LEASE)
                .setTTL(1)
                .build());
        server.onKeepAlive = FakeEtcd.ok(request -> LeaseKeepAliveResponse.newBuilder()
                .setHeader(server.header())
                .setID(LEASE)
                .build());
        assertThat(start("lock", "l").end()).isEqualTo(new Ctl(1, "l/7\n\n", "Error: session expired\n"));
        assertThat(start("elect", "e", "me").end()).isEqualTo(new Ctl(1, "l/7\n\n", "Error: elect: session expired\n"));
    }

    @Test
    @DisplayName(
            "lock ... command: the command has ended before anybody else may hold the lock, at an interrupt and at a signal")
    void theCommandEndsFirst(@TempDir Path folder) throws Exception {
        answers();
        Path ended = folder.resolve("ended");
        AtomicBoolean wasEnded = new AtomicBoolean();
        var revoke = server.onRevoke;
        server.onRevoke = (request, observer) -> {
            wasEnded.set(Files.exists(ended));
            revoke.accept(request, observer);
        };
        String program = "trap 'touch \"" + ended + "\"; exit 3' TERM; echo held; while :; do sleep 0.05; done";
        RunningCtl lock = start("lock", "l", "--", "sh", "-c", program);
        lock.out.await("held");
        endsByInterrupt(lock);
        assertThat(wasEnded).isTrue();

        Files.delete(ended);
        Process process = process("lock", "l", "--", "sh", "-c", program);
        try (var told = process.inputReader()) {
            assertThat(told.readLine()).isEqualTo("held");
            process.destroy();
            assertThat(process.onExit().get(30, TimeUnit.SECONDS).exitValue()).isEqualTo(1);
            assertThat(wasEnded).as("when the lease was revoked at the signal").isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @DisplayName(
            "a signal ends the process and the lock with it: a success if it was held, a failure if it was waited for")
    void aSignalLetsGo() throws Exception {
        answers();
        var lock = server.onLock;
        server.onLock = (request, observer) -> {
            if (request.getName().toStringUtf8().equals("wanted")) {
                asked.countDown();
            } else {
                lock.accept(request, observer);
            }
        };
        Process waiting = process("lock", "wanted");
        Process holding = process("lock", "l");
        try {
            asked.await();
            try (var told = holding.inputReader()) {
                assertThat(told.readLine()).isEqualTo("l/7");
            }
            // The same as Ctrl-C, which a process that runs in the background of a script would not hear.
            waiting.destroy();
            holding.destroy();
            assertThat(waiting.onExit().get(30, TimeUnit.SECONDS).exitValue()).isEqualTo(1);
            assertThat(holding.onExit().get(30, TimeUnit.SECONDS).exitValue()).isZero();
            assertThat(server.revokes).extracting(LeaseRevokeRequest::getID).containsExactly(LEASE, LEASE);
        } finally {
            waiting.destroyForcibly();
            holding.destroyForcibly();
        }
    }

    private Process process(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CtlMain.class.getName(),
                "--endpoints=" + server.endpoint());
        builder.command().addAll(List.of(command));
        builder.environment().putAll(RunningCtl.PATIENT);
        return builder.redirectErrorStream(true).start();
    }
}
