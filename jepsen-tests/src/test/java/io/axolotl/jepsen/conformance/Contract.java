package io.axolotl.jepsen.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a test checks. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Contract {
    /** Ids of rules, as in {@code rules.txt}. */
    String[] value();

    /** Errors whose code and text the test has seen. */
    ContractError[] errors() default {};
}
