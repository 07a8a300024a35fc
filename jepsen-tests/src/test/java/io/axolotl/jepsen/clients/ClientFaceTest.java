package io.axolotl.jepsen.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.SharedCluster;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is compared must do the same. */
@ExtendWith(SharedCluster.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ClientFaceTest {
    @ParameterizedTest
    @EnumSource
    void everyLibraryDoesWhatItsFaceSays(Library library, ProcessCluster cluster) throws Exception {
        String prefix = "face-" + library + "/";
        Semaphore events = new Semaphore(0);
        try (ClientFace face = ClientFace.open(library, cluster.endpoints())) {
            face.put(prefix + "a", "1").get(30, TimeUnit.SECONDS);
            face.txn(prefix + "a", "2").get(30, TimeUnit.SECONDS);
            face.txn(prefix + "none", "2").get(30, TimeUnit.SECONDS);
            assertThat(face.get(prefix + "a").get(30, TimeUnit.SECONDS).toString())
                    .isNotEmpty();
            face.watch(prefix, events::release);
            while (!events.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                // Until the watch is there.
                face.put(prefix + "b", "1").get(30, TimeUnit.SECONDS);
            }
        }
        try (AxolotlClient client = cluster.client()) {
            assertThat(client.kv().get(prefix + "a").await().kvs().get(0).version())
                    .isEqualTo(2);
            assertThat(client.kv().get(prefix + "none").await().kvs()).isEmpty();
        }
    }
}
