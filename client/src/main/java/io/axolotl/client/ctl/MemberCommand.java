package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Cluster;
import io.axolotl.client.MembersResult;
import io.axolotl.client.Pending;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands on members. */
@Command(name = "member", description = "Membership related commands")
final class MemberCommand {
    static CommandLine commandLine(Session session) {
        return new CommandLine(new MemberCommand())
                .addSubcommand(new AddCommand(session))
                .addSubcommand(new PromoteCommand(session))
                .addSubcommand(new UpdateCommand(session))
                .addSubcommand(new RemoveCommand(session))
                .addSubcommand(new ListCommand(session));
    }

    /** The one argument of most of these commands. */
    private static long memberId(List<String> arguments) {
        if (arguments.size() != 1) {
            throw CtlFailure.badArgs("member ID is not provided");
        }
        try {
            return Long.parseUnsignedLong(arguments.get(0), 16);
        } catch (NumberFormatException e) {
            throw CtlFailure.badArgs("bad member ID arg (strconv.ParseUint: parsing \"" + arguments.get(0)
                    + "\": invalid syntax), expecting ID in Hex");
        }
    }

    private static List<String> peerUrls(String given) {
        if (given.isEmpty()) {
            throw CtlFailure.badArgs("member peer urls not provided");
        }
        return List.of(given.split(",", -1));
    }

    /** Adds a member. */
    @Command(name = "add", description = "Adds a member into the cluster")
    static final class AddCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<memberName>", description = "what the new member will be called")
        private List<String> names = new ArrayList<>();

        @Option(names = "--peer-urls", description = "comma separated peer URLs for the new member")
        private String peerUrls = "";

        @Option(names = "--learner", description = "indicates if the new member is raft learner")
        private boolean learner;

        AddCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            MemberPrinter printer = session.printer(MemberPrinter.class);
            if (names.isEmpty()) {
                throw CtlFailure.badArgs("member name not provided");
            }
            if (names.size() > 1) {
                throw CtlFailure.badArgs("too many arguments");
            }
            List<String> urls = peerUrls(peerUrls);
            AxolotlClient client = session.client();
            Cluster cluster = client.cluster();
            printer.added(
                    names.get(0), urls, (learner ? cluster.memberAddAsLearner(urls) : cluster.memberAdd(urls)).await());
            return ExitCode.SUCCESS;
        }
    }

    /** Lets a learner vote. */
    @Command(name = "promote", description = "Promotes a non-voting member in the cluster")
    static final class PromoteCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<memberID>", description = "in hexadecimal")
        private List<String> ids = new ArrayList<>();

        PromoteCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            MemberPrinter printer = session.printer(MemberPrinter.class);
            long id = memberId(ids);
            AxolotlClient client = session.client();
            printer.promoted(id, client.cluster().memberPromote(id).await());
            return ExitCode.SUCCESS;
        }
    }

    /** Tells the cluster where a member is reached. */
    @Command(name = "update", description = "Updates a member in the cluster")
    static final class UpdateCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<memberID>", description = "in hexadecimal")
        private List<String> ids = new ArrayList<>();

        @Option(names = "--peer-urls", description = "comma separated peer URLs for the updated member")
        private String peerUrls = "";

        UpdateCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            MemberPrinter printer = session.printer(MemberPrinter.class);
            long id = memberId(ids);
            List<String> urls = peerUrls(peerUrls);
            AxolotlClient client = session.client();
            Pending<MembersResult> answer = client.cluster().memberUpdate(id, urls);
            printer.updated(id, answer.await());
            return ExitCode.SUCCESS;
        }
    }

    /** Removes a member for good. */
    @Command(name = "remove", description = "Removes a member from the cluster")
    static final class RemoveCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<memberID>", description = "in hexadecimal")
        private List<String> ids = new ArrayList<>();

        RemoveCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            MemberPrinter printer = session.printer(MemberPrinter.class);
            long id = memberId(ids);
            AxolotlClient client = session.client();
            printer.removed(id, client.cluster().memberRemove(id).await());
            return ExitCode.SUCCESS;
        }
    }

    /** Lists the members. */
    @Command(name = "list", description = "Lists all members in the cluster")
    static final class ListCommand implements Callable<Integer> {
        private final Session session;

        ListCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            ClusterPrinter printer = session.printer(ClusterPrinter.class);
            AxolotlClient client = session.client();
            printer.members(client.cluster().members().await());
            return ExitCode.SUCCESS;
        }
    }
}
