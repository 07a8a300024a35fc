package io.axolotl.jepsen.chaos.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The judge of leases is judged. Times are seconds here. */
@DisplayName("I9: leases")
class LeaseJudgeTest {
    private static final long SECOND = 1_000_000_000L;

    private final MadeCalls made = new MadeCalls();

    private void call(String kind, String input, String output, double from, double to) {
        made.json(1, kind, input, output, (long) (from * SECOND), (long) (to * SECOND));
    }

    /** Of 2 s, from second 1 on, with a key. */
    private void granted() {
        call("grant", "{'ttl':2}", "{'lease':7,'ttl':2}", 1, 1.1);
        call("attach", "{'lease':7,'key':'k'}", "{'revision':2}", 1.2, 1.3);
    }

    private void renewed(double from, double to) {
        call("keepalive", "{'lease':7}", "{'ttl':2}", from, to);
    }

    private void look(boolean isThere, double from, double to) {
        call("look", "{'lease':7,'key':'k'}", "{'revision':5,'there':" + isThere + "}", from, to);
    }

    private void isJudged(Verdict.Kind kind) {
        Verdict verdict = new LeaseJudge().judge(made.calls());
        assertThat(verdict.kind()).as("%s", verdict).isEqualTo(kind);
    }

    @Test
    void aKeyMayGoWhenItsTimeIsOver() {
        granted();
        renewed(2, 2.1);
        look(true, 3.5, 3.6);
        look(false, 4, 4.1);
        call(LeaseJudge.LAST_LIST, "{'prefix':'k'}", "{'keys':[]}", 9, 9.1);
        isJudged(Verdict.Kind.VALID);
    }

    @Test
    void aKeyThatGoesEarlyIsSeen() {
        granted();
        look(false, 2.5, 2.6);
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aKeyThatGoesEarlyAfterARenewalIsSeen() {
        granted();
        renewed(2.5, 2.6);
        look(false, 4, 4.1);
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aRenewalThatWasNotAnsweredBeforeProvesNothing() {
        granted();
        renewed(2.5, 3.6);
        look(false, 3.2, 3.3);
        isJudged(Verdict.Kind.VALID);
    }

    @Test
    void aLeaseThatIsSaidToBeGoneEarlyIsSeen() {
        granted();
        call("keepalive", "{'lease':7}", "{'ttl':0}", 2, 2.1);
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aRefusalOfALeaseThatShouldBeThereIsSeen() {
        granted();
        made.add(
                1,
                "attach",
                MadeCalls.parse("{'lease':7,'key':'l'}"),
                KvCall.nothing(),
                Outcome.REFUSED,
                "NOT_FOUND: etcdserver: requested lease not found",
                (long) (1.5 * SECOND),
                (long) (1.6 * SECOND));
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aRevokedLeaseMayBeGoneAtOnce() {
        granted();
        call("revoke", "{'lease':7}", "{}", 1.5, 1.6);
        look(false, 1.55, 1.65);
        isJudged(Verdict.Kind.VALID);
    }

    @Test
    void aKeyThatOutlivesTheRevocationIsSeen() {
        granted();
        call("revoke", "{'lease':7}", "{}", 1.5, 1.6);
        look(true, 1.7, 1.8);
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aKeyThatNeverGoesIsSeen() {
        granted();
        call(LeaseJudge.LAST_LIST, "{'prefix':'k'}", "{'keys':['k']}", 30, 30.1);
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    void twoLeasesOfOneIdAreSeen() {
        granted();
        call("grant", "{'ttl':2}", "{'lease':7,'ttl':2}", 1.4, 1.5);
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aKeyThatComesBackIsSeen() {
        granted();
        look(false, 4, 4.1);
        look(true, 4.2, 4.3);
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aTimeThatDoesNotFitIsSeen() {
        granted();
        call("ttl", "{'lease':7}", "{'ttl':1,'granted':2}", 1.5, 1.6);
        isJudged(Verdict.Kind.VALID);
        call("ttl", "{'lease':7}", "{'ttl':100,'granted':2}", 1.7, 1.8);
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    void aLeaseWithTooLittleTimeIsSeen() {
        call("grant", "{'ttl':20}", "{'lease':7,'ttl':20}", 1, 1.1);
        call("ttl", "{'lease':7}", "{'ttl':3,'granted':20}", 1.5, 1.6);
        isJudged(Verdict.Kind.VIOLATED);
    }

    @Test
    @DisplayName("true leases pass; with their keys gone an instant before the time they do not")
    void acceptsTrueLeasesAndSeesLies() {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            for (boolean isLie : new boolean[] {false, true}) {
                made.calls().clear();
                granted();
                double server = 1.05;
                double sent = 1;
                double clock = 2;
                for (int i = random.nextInt(5); i > 0; i--) {
                    double begin = clock + random.nextDouble() / 4;
                    double end = begin + 0.01 + random.nextDouble() / 4;
                    renewed(begin, end);
                    sent = begin;
                    server = begin + (end - begin) * random.nextDouble();
                    clock = end;
                }
                double look = isLie ? sent + 2 - 0.03 : server + 2.001;
                look(false, Math.max(clock, look - 0.02), Math.max(clock + 0.001, look));
                isJudged(isLie && look > clock ? Verdict.Kind.VIOLATED : Verdict.Kind.VALID);
            }
        }
    }
}
