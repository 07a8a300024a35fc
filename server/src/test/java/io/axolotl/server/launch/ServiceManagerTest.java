package io.axolotl.server.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Platform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The words of sd_notify(3), over real sockets. */
@Timeout(60)
class ServiceManagerTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long PID = 4711;

    private static final ThreadFactory THREADS = body -> {
        Thread thread = new Thread(body, "notify");
        thread.setDaemon(true);
        return thread;
    };

    @TempDir
    Path folder;

    @BeforeAll
    static void onlyWhereSystemdIs() {
        assumeTrue(Platform.isLinux(), "systemd is Linux's");
    }

    private static ServiceManager manager(ManagerSocket socket, String... watchdog) {
        Map<String, String> environment = new HashMap<>(Map.of("NOTIFY_SOCKET", socket.name()));
        for (int i = 0; i < watchdog.length; i += 2) {
            environment.put(watchdog[i], watchdog[i + 1]);
        }
        return ServiceManager.of(environment, PID);
    }

    @Test
    void readinessAndTheEndAreTold() {
        try (ManagerSocket socket = ManagerSocket.at(folder.resolve("notify"))) {
            ServiceManager manager = manager(socket);
            manager.ready();
            assertThat(socket.receive(SOON)).hasValue("READY=1\nSTATUS=ready to serve client requests");
            manager.status("one\ntwo");
            assertThat(socket.receive(SOON)).hasValue("STATUS=one");
            manager.stopping();
            assertThat(socket.receive(SOON)).hasValue("STOPPING=1\nSTATUS=stopping");
        }
    }

    @Test
    void socketsInTheAbstractSpaceAreFound() {
        try (ManagerSocket socket = ManagerSocket.abstractly("axolotl-test-" + System.nanoTime())) {
            manager(socket).ready();
            assertThat(socket.receive(SOON)).isPresent();
        }
    }

    @Test
    void aStartIsGivenMoreTimeUntilItIsReady() {
        try (ManagerSocket socket = ManagerSocket.at(folder.resolve("notify"))) {
            ServiceManager manager = manager(socket);
            manager.accompany(THREADS, () -> true);
            assertThat(socket.receive(SOON)).hasValue("EXTEND_TIMEOUT_USEC=35000000");
            manager.ready();
            assertThat(socket.receive(SOON))
                    .hasValueSatisfying(text -> assertThat(text).startsWith("READY=1"));
            manager.stopping();
        }
    }

    @Test
    void signsOfLifeGoOutOnlyWhileTheServerIsWell() {
        try (ManagerSocket socket = ManagerSocket.at(folder.resolve("notify"))) {
            AtomicBoolean isWell = new AtomicBoolean(true);
            ServiceManager manager = manager(socket, "WATCHDOG_USEC", "40000", "WATCHDOG_PID", Long.toString(PID));
            manager.accompany(THREADS, isWell::get);
            manager.ready();
            socket.receiveLine("WATCHDOG=1", SOON);
            socket.receiveLine("WATCHDOG=1", SOON);
            isWell.set(false);
            // One may be on its way already; then there are none, for five periods.
            while (socket.receive(Duration.ofMillis(200)).isPresent()) {
                assertThat(isWell).isFalse();
            }
            isWell.set(true);
            socket.receiveLine("WATCHDOG=1", SOON);
            manager.stopping();
        }
    }

    @Test
    void aWatchdogOfAnotherProcessIsNotFed() {
        try (ManagerSocket socket = ManagerSocket.at(folder.resolve("notify"))) {
            ServiceManager manager = manager(socket, "WATCHDOG_USEC", "40000", "WATCHDOG_PID", "1");
            manager.accompany(THREADS, () -> true);
            manager.ready();
            socket.receiveLine("READY=1", SOON);
            assertThat(socket.receive(Duration.ofMillis(200)).filter(text -> text.startsWith("WATCHDOG")))
                    .isEmpty();
        }
    }

    @Test
    void withoutASocketNothingHappens() {
        ServiceManager nobody = ServiceManager.of(Map.of(), PID);
        assertThat(nobody.isPresent()).isFalse();
        nobody.accompany(
                body -> {
                    throw new AssertionError("there is nobody to accompany");
                },
                () -> true);
        nobody.ready();
        nobody.stopping();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "vsock:2:1234"), PID)
                        .isPresent())
                .isFalse();
    }

    @Test
    void aSocketThatNobodyReadsDoesNotStopTheServer() {
        ServiceManager manager =
                ServiceManager.of(Map.of("NOTIFY_SOCKET", folder.resolve("gone").toString()), PID);
        manager.ready();
        assertThat(manager.isPresent()).isTrue();
    }
}
