package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.DeleteResult;
import io.axolotl.client.GetResult;
import io.axolotl.client.Op;
import io.axolotl.client.PutResult;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands on keys: put, get, del, compaction. */
final class KeyCommands {
    private KeyCommands() {}

    /** Writes a key. */
    @Command(name = "put", description = "Puts the given key into the store")
    static final class Put implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final OpArguments.PutArguments arguments = new OpArguments.PutArguments();

        Put(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            KvPrinter printer = session.printer(KvPrinter.class);
            Op.Put put = arguments.op(
                    // In a shell it would take all lines that follow.
                    session.isInShell()
                            ? InputStream.nullInputStream()
                            : session.console().in());
            AxolotlClient client = session.client();
            PutResult result =
                    client.kv().put(put.key(), put.value(), put.options()).await();
            printer.put(result);
            return ExitCode.SUCCESS;
        }
    }

    /** Reads keys. */
    @Command(name = "get", description = "Gets the key or a range of keys")
    static final class Get implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final OpArguments.GetArguments arguments = new OpArguments.GetArguments();

        @Option(names = "--print-value-only", description = "only write values when using the \"simple\" output format")
        private boolean valuesOnly;

        Get(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            KvPrinter printer = session.printer(KvPrinter.class);
            Op.Get get = arguments.op();
            if (valuesOnly && !session.isSimple()) {
                throw CtlFailure.badArgs("print-value-only is only for `--write-out=simple`");
            }
            AxolotlClient client = session.client();
            GetResult result = client.kv().get(get.range(), get.options()).await();
            printer.get(result, valuesOnly, get.options().countOnly());
            return ExitCode.SUCCESS;
        }
    }

    /** Removes keys. */
    @Command(name = "del", description = "Removes the specified key or range of keys [key, range_end)")
    static final class Delete implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final OpArguments.DeleteArguments arguments = new OpArguments.DeleteArguments();

        Delete(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            KvPrinter printer = session.printer(KvPrinter.class);
            Op.Delete delete = arguments.op();
            AxolotlClient client = session.client();
            DeleteResult result =
                    client.kv().delete(delete.range(), delete.options()).await();
            printer.delete(result);
            return ExitCode.SUCCESS;
        }
    }

    /** Forgets history. */
    @Command(name = "compaction", aliases = "compact", description = "Compacts the event history in etcd")
    static final class Compact implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<revision>", description = "history below it is forgotten")
        private List<String> revisions = new ArrayList<>();

        @Option(names = "--physical", description = "wait for compaction to physically remove all old revisions")
        private boolean physical;

        Compact(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            // Whatever the format, the answer is this one line.
            session.printer(KvPrinter.class);
            if (revisions.size() != 1) {
                throw CtlFailure.badArgs("compaction command needs 1 argument");
            }
            long revision;
            try {
                revision = Long.parseLong(revisions.get(0));
            } catch (NumberFormatException e) {
                throw new CtlFailure(ExitCode.ERROR, "revision \"" + revisions.get(0) + "\" is not a number");
            }
            AxolotlClient client = session.client();
            var unused = client.kv().compact(revision, physical).await();
            session.console().line("compacted revision " + revision);
            return ExitCode.SUCCESS;
        }
    }
}
