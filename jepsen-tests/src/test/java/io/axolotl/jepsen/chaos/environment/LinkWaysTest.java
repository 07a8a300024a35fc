package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LinkWaysTest {
    private static final Link LINK = new Link(0, 1);
    private static final Link OTHER = new Link(1, 0);
    private static final LinkState LOSSY = LinkState.lossy(0.1);

    private final List<String> done = new ArrayList<>();

    private final class Recorded implements LinkWays.Wiring {
        @Override
        public void straight(Link link) {
            done.add(link.from() + " straight");
        }

        @Override
        public void nowhere(Link link) {
            done.add(link.from() + " nowhere");
        }

        @Override
        public void around(Link link) {
            done.add(link.from() + " around");
        }
    }

    private final LinkWays ways = new LinkWays(
            new Recorded(),
            Optional.of((link, state) ->
                    done.add(link.from() + " " + state.packets().lost())));

    @Test
    void aLinkThatIsHurtLeadsThroughTheSwitchWhichKnowsItBefore() {
        LinkRules.Rule rule = ways.rules().impose(List.of(LINK), LOSSY);
        rule.close();
        assertThat(done).containsExactly("0 0.1", "0 around", "0 straight");
        assertThat(ways.trouble()).isEmpty();
    }

    @Test
    @DisplayName("when the switch dies its links go straight again at once, cuts stay cuts, and the trouble is told")
    void aDeadSwitchIsNoSilentCut() {
        LinkRules.Rule lossy = ways.rules().impose(List.of(LINK), LOSSY);
        LinkRules.Rule cut = ways.rules().impose(List.of(OTHER), LinkState.CUT);
        done.clear();
        ways.switchDied("planted");
        assertThat(done).containsExactlyInAnyOrder("0 straight", "1 nowhere");
        assertThat(ways.trouble())
                .hasValueSatisfying(said -> assertThat(said).contains("links were made whole: planted"));
        done.clear();
        cut.close();
        lossy.close();
        ways.rules().impose(List.of(LINK), LOSSY);
        assertThat(done).containsExactly("1 straight", "0 straight", "0 straight");
    }

    @Test
    void aLinkThatCannotBeGivenBackIsTold() {
        LinkWays stuck = new LinkWays(
                new LinkWays.Wiring() {
                    @Override
                    public void straight(Link link) {
                        throw new IllegalStateException("ip is gone");
                    }

                    @Override
                    public void nowhere(Link link) {}

                    @Override
                    public void around(Link link) {}
                },
                Optional.of((link, state) -> {}));
        stuck.rules().impose(List.of(LINK), LOSSY);
        stuck.switchDied("planted");
        assertThat(stuck.trouble()).hasValueSatisfying(said -> assertThat(said).contains("planted", "ip is gone"));
    }

    @Test
    void withoutASwitchLinksAreCutOrWhole() {
        LinkWays bare = new LinkWays(new Recorded(), Optional.empty());
        bare.rules().impose(List.of(LINK), LinkState.CUT);
        assertThatThrownBy(() -> bare.rules().impose(List.of(OTHER), LOSSY))
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
