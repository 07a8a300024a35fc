package io.axolotl.jepsen.conformance;

import io.axolotl.jepsen.differential.BothServers;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A class whose tests run on etcd, and then on Axolotl. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@MethodSource("io.axolotl.jepsen.conformance.Asked#servers")
@ExtendWith(BothServers.class)
@DisplayNameGeneration(RuleNames.class)
@Timeout(120)
@interface AskedOfBoth {}
