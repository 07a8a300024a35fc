package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LinkRulesTest {
    private static final Link LINK = new Link(0, 1);
    private static final LinkState SLOW = LinkState.slow(Duration.ofMillis(50), Duration.ofMillis(5));

    private final List<String> applied = new ArrayList<>();
    private final LinkRules rules = new LinkRules((link, state) -> applied.add(link.from() + ">" + link.to() + " "
            + (state.cut()
                    ? "cut"
                    : state.delay().toMillis() + " ms, loss " + state.packets().lost())));

    @Test
    @DisplayName("faults on one link add up, and it is whole when the last of them is lifted, in whatever order")
    void faultsAddUp() {
        LinkRules.Rule slow = rules.impose(List.of(LINK), SLOW);
        LinkRules.Rule cut = rules.impose(List.of(LINK), LinkState.CUT);
        LinkRules.Rule lossy = rules.impose(List.of(LINK), LinkState.lossy(0.5));
        slow.close();
        cut.close();
        assertThat(rules.state(LINK)).isEqualTo(LinkState.lossy(0.5));
        lossy.close();
        lossy.close();
        assertThat(rules.state(LINK)).isEqualTo(LinkState.WHOLE);
        assertThat(applied)
                .containsExactly(
                        "0>1 50 ms, loss 0.0",
                        "0>1 cut",
                        "0>1 cut",
                        "0>1 cut",
                        "0>1 0 ms, loss 0.5",
                        "0>1 0 ms, loss 0.0");
    }

    @Test
    @DisplayName("a link that is asked for what it is already is left alone, and so are all others")
    void nothingIsAppliedTwice() {
        LinkRules.Rule one = rules.impose(List.of(LINK), LinkState.CUT);
        LinkRules.Rule other = rules.impose(List.of(LINK), LinkState.CUT);
        one.close();
        assertThat(applied).containsExactly("0>1 cut");
        assertThat(rules.state(new Link(1, 0))).isEqualTo(LinkState.WHOLE);
        other.close();
        assertThat(applied).hasSize(2);
    }

    @Test
    void liftAllMakesEveryLinkWhole() {
        LinkRules.Rule all = rules.impose(Link.all(3), LinkState.CUT);
        assertThat(applied).hasSize(6);
        rules.liftAll();
        assertThat(Link.all(3)).allMatch(link -> rules.state(link).equals(LinkState.WHOLE));
        assertThat(applied).hasSize(12);
        all.close();
        assertThat(applied).hasSize(12);
    }

    @Test
    void bothAtOnceIsTheWorseOfEach() {
        LinkState narrow = LinkState.narrow(1_000).and(LinkState.narrow(500)).and(LinkState.WHOLE);
        assertThat(narrow.bytesPerSecond()).isEqualTo(500);
        assertThat(LinkState.lossy(0.5).and(LinkState.lossy(0.5)).packets().lost())
                .isEqualTo(0.75);
        assertThat(SLOW.and(LinkState.slow(Duration.ofMillis(10), Duration.ofMillis(9))))
                .isEqualTo(LinkState.slow(Duration.ofMillis(50), Duration.ofMillis(9)));
        assertThat(LinkState.CUT.and(SLOW).cut()).isTrue();
        LinkState bent = LinkState.reordered(0.5).and(LinkState.doubled(0.25)).and(LinkState.corrupt(0.125));
        assertThat(bent.packets()).isEqualTo(new LinkState.Packets(0, 0.5, 0.25, 0.125));
        assertThat(bent.isOfBytes()).isFalse();
        assertThat(narrow.isOfBytes()).isTrue();
    }

    @Test
    void whatNoLinkCanBeIsRefused() {
        assertThatThrownBy(() -> new Link(1, 1)).hasMessageContaining("from node 1 to node 1");
        assertThatThrownBy(() -> LinkState.lossy(1.1)).hasMessageContaining("loss 1.1");
        assertThatThrownBy(() -> LinkState.lossy(Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> LinkState.corrupt(-0.1)).hasMessageContaining("corrupt -0.1");
        assertThatThrownBy(() -> LinkState.narrow(-1)).hasMessageContaining("-1 bytes a second");
        assertThatThrownBy(() -> LinkState.slow(Duration.ofMillis(-1), Duration.ZERO))
                .hasMessageContaining("delay");
    }
}
