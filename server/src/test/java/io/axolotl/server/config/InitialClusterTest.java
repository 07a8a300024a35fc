package io.axolotl.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InitialClusterTest {
    @Test
    @DisplayName("members agree on all ids without talking")
    void theOrderOfTheListAndTheNamesDoNotChangeTheIds() {
        InitialCluster one = InitialCluster.parse("t", "a=http://h1:1,b=http://h2:2");
        InitialCluster other = InitialCluster.parse("t", "y=http://h2:2,x=http://H1:1");

        assertThat(other.clusterId()).isEqualTo(one.clusterId());
        assertThat(other.members())
                .extracting(InitialCluster.FoundingMember::id)
                .isEqualTo(one.members().stream()
                        .map(InitialCluster.FoundingMember::id)
                        .toList());
    }

    @Test
    void anotherTokenOrAnotherUrlGivesOtherIds() {
        InitialCluster one = InitialCluster.parse("t", "a=http://h1:1,b=http://h2:2");
        InitialCluster otherToken = InitialCluster.parse("u", "a=http://h1:1,b=http://h2:2");
        InitialCluster otherUrl = InitialCluster.parse("t", "a=http://h1:1,b=http://h2:3");

        assertThat(otherToken.clusterId()).isNotEqualTo(one.clusterId());
        assertThat(otherToken.members().get(0).id())
                .isNotEqualTo(one.members().get(0).id());
        assertThat(otherUrl.clusterId()).isNotEqualTo(one.clusterId());
        assertThat(otherUrl.members().get(0).id())
                .isEqualTo(one.members().get(0).id());
    }

    @Test
    @DisplayName("ids are durable: they must be the same in every release")
    void idsStayAsTheyAre() {
        InitialCluster cluster = InitialCluster.parse("etcd-cluster", "default=http://localhost:2380");

        assertThat(cluster.members().get(0).id()).hasToString("15ec70576fb6bc22");
        assertThat(Long.toHexString(cluster.clusterId())).isEqualTo("51e73ae71c2ae697");
    }
}
