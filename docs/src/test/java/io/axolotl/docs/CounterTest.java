package io.axolotl.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Compare;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.testkit.AxolotlCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The example of a test in client.md. */
@Timeout(60)
// tag::kit
class CounterTest {
    @RegisterExtension
    static final AxolotlCluster cluster = AxolotlCluster.builder().nodes(3).build();

    @Test
    void noIncrementIsLostWhenTheLeaderDies() {
        AxolotlClient client = cluster.client();
        client.kv().put("counter", "0").await();
        for (int i = 0; i < 20; i++) {
            if (i == 10) {
                cluster.kill(cluster.awaitLeader());
            }
            increment(client);
        }
        assertEquals(
                "20",
                client.kv().get("counter").await().first().orElseThrow().value().utf8());
    }

    static void increment(AxolotlClient client) {
        boolean isDone = false;
        while (!isDone) {
            KeyValue now = client.kv().get("counter").await().first().orElseThrow();
            int next = Integer.parseInt(now.value().utf8()) + 1;
            isDone = client.kv()
                    .txn()
                    .when(Compare.modRevision("counter").equalTo(now.modRevision()))
                    .then(Op.put("counter", String.valueOf(next)))
                    .commit()
                    .await()
                    .succeeded();
        }
    }
}
// end::kit
