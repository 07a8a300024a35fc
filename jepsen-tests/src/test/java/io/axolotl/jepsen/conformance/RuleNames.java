package io.axolotl.jepsen.conformance;

import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGenerator;

/** Puts the rules before the name of the test. */
final class RuleNames extends DisplayNameGenerator.Standard {
    @Override
    public String generateDisplayNameForMethod(List<Class<?>> enclosing, Class<?> testClass, Method method) {
        Contract contract = method.getAnnotation(Contract.class);
        String name = super.generateDisplayNameForMethod(enclosing, testClass, method);
        return contract == null ? name : String.join(", ", contract.value()) + ": " + name;
    }
}
