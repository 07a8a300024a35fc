package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Leader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Hands leadership to a member. */
@Command(name = "move-leader", description = "Transfers leadership to another cluster member")
final class MoveLeaderCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(arity = "0..*", paramLabel = "<member ID>", description = "in hexadecimal")
    private List<String> targets = new ArrayList<>();

    MoveLeaderCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        MemberPrinter printer = session.printer(MemberPrinter.class);
        if (targets.size() != 1) {
            throw CtlFailure.badArgs("move-leader command needs 1 argument");
        }
        long target;
        try {
            target = Long.parseUnsignedLong(targets.get(0), 16);
        } catch (NumberFormatException e) {
            throw CtlFailure.badArgs("\"" + targets.get(0) + "\" is not a member ID in hexadecimal");
        }
        AxolotlClient client = session.client();
        Leader former = client.maintenance().moveLeader(target).await();
        printer.movedLeader(former.memberId(), target);
        return ExitCode.SUCCESS;
    }
}
