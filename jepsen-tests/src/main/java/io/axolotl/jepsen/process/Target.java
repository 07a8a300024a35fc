package io.axolotl.jepsen.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The program that a node runs. Both take the same flags. */
public enum Target {
    AXOLOTL {
        @Override
        List<String> program() {
            return ServerJvm.command(ServerJvm.SERVER_MAIN);
        }

        @Override
        public boolean isInstalled() {
            return true;
        }
    },
    ETCD {
        @Override
        List<String> program() {
            return List.of("etcd");
        }

        @Override
        public boolean isInstalled() {
            return onPath("etcd");
        }

        /** Before 3.5 etcd knows only its old level names by default. */
        @Override
        List<String> adapt(List<String> flags) {
            List<String> adapted = new ArrayList<>(flags);
            adapted.add("--logger=zap");
            return adapted;
        }
    },
    /** A gRPC server that answers a constant ({@code io.axolotl.jepsen.floor}): for benchmarks only. */
    FLOOR {
        @Override
        List<String> program() {
            return ServerJvm.command("io.axolotl.jepsen.floor.FloorMain");
        }

        @Override
        public boolean isInstalled() {
            return true;
        }
    };

    /** The words of the command line before the flags. */
    abstract List<String> program();

    /** Whether it can be started here. */
    public abstract boolean isInstalled();

    List<String> adapt(List<String> flags) {
        return flags;
    }

    /** The one named by the system property {@code axolotl.target}, {@code axolotl} or {@code etcd}; the first by default. */
    public static Target chosen() {
        return valueOf(System.getProperty("axolotl.target", "axolotl").toUpperCase(Locale.ROOT));
    }

    /** Whether a program of this name is on the path. */
    public static boolean onPath(String program) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        for (String folder : path.split(":", -1)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }
}
