package io.axolotl.jepsen.differential;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one etcd and one Axolotl, the same for all classes of a test JVM, since starting them is what takes long. (Where
 * there are several such JVMs, Maven makes each class a run of its own; so they outlive a run.)
 */
public final class BothServers implements ParameterResolver {
    private static final ExtensionContext.Namespace SPACE = ExtensionContext.Namespace.create(BothServers.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TwoServers.class;
    }

    /** Closed by JUnit after the last test. */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(ExtensionContext.StoreScope.LAUNCHER_SESSION, SPACE)
                .getOrComputeIfAbsent("servers", key -> new TwoServers(), TwoServers.class);
    }
}
