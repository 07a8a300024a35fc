package io.axolotl.testkit;

import io.axolotl.client.AxolotlClient;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Does what {@link WithAxolotl} says. The cluster of a class or a method is kept in the store of its context. */
final class AxolotlExtension
        implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(AxolotlExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        startFor(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        startFor(context);
        cluster(context).beforeEach(context);
    }

    private static void startFor(ExtensionContext context) {
        Optional<WithAxolotl> wish = context.getElement().map(element -> element.getAnnotation(WithAxolotl.class));
        if (wish.isPresent()) {
            AxolotlCluster cluster =
                    AxolotlCluster.builder().nodes(wish.get().nodes()).build();
            context.getStore(NAMESPACE).put(AxolotlCluster.class, cluster);
            cluster.startFor(context);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        AxolotlCluster cluster = find(context);
        if (cluster != null) {
            cluster.afterEach(context);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        AxolotlCluster cluster = find(context);
        if (cluster != null) {
            cluster.afterAll(context);
        }
    }

    private static @Nullable AxolotlCluster find(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(AxolotlCluster.class, AxolotlCluster.class);
    }

    private static AxolotlCluster cluster(ExtensionContext context) {
        AxolotlCluster cluster = find(context);
        if (cluster == null) {
            throw new IllegalStateException("no cluster runs for " + context.getDisplayName());
        }
        return cluster;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == AxolotlCluster.class
                || parameter.getParameter().getType() == AxolotlClient.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        AxolotlCluster cluster = cluster(context);
        return parameter.getParameter().getType() == AxolotlCluster.class ? cluster : cluster.client();
    }
}
