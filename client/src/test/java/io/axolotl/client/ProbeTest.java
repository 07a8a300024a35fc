package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ProbeTest {
    @Property
    void p(@ForAll int x) {
        assertThat(x + 0L).isEqualTo(x);
    }
}
