package io.axolotl.client.ctl;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A command of etcdctl that has no sense here: whoever tries it is told why, and what to do instead. */
@Command(description = "Is not supported; says what to do instead")
final class RefusedCommand implements Callable<Integer> {
    private final String reason;

    @Parameters(arity = "0..*", hidden = true)
    private List<String> unusedArguments = new ArrayList<>();

    @CommandLine.Unmatched
    private List<String> unusedFlags = new ArrayList<>();

    private RefusedCommand(String reason) {
        this.reason = reason;
    }

    static RefusedCommand migrate() {
        return new RefusedCommand(
                "migrate turns the v2 store of an etcd into keys of v3, and there is no v2 store here;"
                        + " run etcdctl migrate of etcd 3.4 on the etcd, then make-mirror from there");
    }

    static RefusedCommand completion() {
        return new RefusedCommand("completion is a file of the distribution: source completion/axolotl.bash"
                + " (in a zsh after autoload bashcompinit && bashcompinit)");
    }

    @Override
    public Integer call() {
        throw CtlFailure.badArgs(reason);
    }
}
