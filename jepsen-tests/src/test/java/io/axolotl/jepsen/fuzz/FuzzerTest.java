package io.axolotl.jepsen.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The judge itself: what it must see, and that it says the same twice. */
class FuzzerTest {
    private static final long SEED = 7;
    private static final long INPUTS = 400;

    private final List<Finding> findings = new ArrayList<>();

    private Fuzzer fuzz(FuzzTarget target) {
        Fuzzer fuzzer = new Fuzzer(SEED, findings::add);
        fuzzer.run(List.of(target), INPUTS, () -> true);
        return fuzzer;
    }

    private static Parser parser(Parser.Feed feed) {
        return Parser.of("planted", random -> new byte[] {4, 1, 2, 3, 4}, feed, Set.of(IllegalArgumentException.class));
    }

    /** A length, and that many bytes. */
    private static void wellBehaved(byte[] input) {
        if (input.length == 0 || input[0] != input.length - 1) {
            throw new IllegalArgumentException("a length that is none");
        }
    }

    @Test
    void aParserThatRefusesCleanlyIsLeftAlone() {
        Fuzzer fuzzer = fuzz(parser(FuzzerTest::wellBehaved));
        assertThat(findings).isEmpty();
        Fuzzer.Tally tally = fuzzer.tallies().values().iterator().next();
        assertThat(tally.executions()).isEqualTo(INPUTS);
        assertThat(tally.accepted).isGreaterThan(INPUTS / 16);
        assertThat(tally.refused).isGreaterThan(INPUTS / 4);
    }

    @Test
    void anExceptionOfAnotherKindIsFoundOnceForItsCause() {
        fuzz(parser(input -> {
            wellBehaved(input);
            if (input[2] != 2) {
                throw new IndexOutOfBoundsException("planted");
            }
        }));
        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.what()).contains("IndexOutOfBoundsException: planted");
            assertThat(finding.report()).contains("--target planted --seed 7 --input " + finding.number());
        });
    }

    @Test
    void anAllocationThatTheInputAsksForIsFound() {
        fuzz(parser(input -> {
            if (input.length > 0 && input[0] == 127) {
                byte[] claimed = new byte[64 << 20];
                assertThat(claimed).isNotNull();
            }
            wellBehaved(input);
        }));
        assertThat(findings)
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).startsWith("allocated "));
    }

    @Test
    void aParserThatRefusesWhatIsValidIsFound() {
        fuzz(parser(input -> {
            throw new IllegalArgumentException("never");
        }));
        assertThat(findings)
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).startsWith("refused a valid input"));
    }

    @Test
    void aStackThatOverflowsIsFound() {
        fuzz(parser(input -> {
            if (input.length > 20) {
                assertThat(deeper(0)).isPositive();
            }
            wellBehaved(input);
        }));
        assertThat(findings).anySatisfy(finding -> assertThat(finding.what()).contains("StackOverflowError"));
    }

    private static int deeper(int depth) {
        return depth == Integer.MAX_VALUE ? depth : 1 + deeper(depth + 1);
    }

    @Test
    void aFindingIsTheSameWhenItIsAskedForAgain() {
        Parser target = parser(input -> {
            wellBehaved(input);
            if (input[2] != 2) {
                throw new IndexOutOfBoundsException("planted");
            }
        });
        fuzz(target);
        Finding first = findings.get(0);
        findings.clear();
        new Fuzzer(SEED, findings::add).feed(target, first.number());
        assertThat(findings)
                .singleElement()
                .satisfies(again -> assertThat(again.input()).isEqualTo(first.input()));
    }
}
