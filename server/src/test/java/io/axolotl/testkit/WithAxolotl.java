package io.axolotl.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a cluster for the tests of a class, or for one test, which get it, or a client of it, by a parameter of the type {@link
 * AxolotlCluster} or {@code AxolotlClient}. A cluster of a class is made whole again before each of its tests ({@link
 * AxolotlCluster#restore}); its keys stay. One on a method comes before that of the class.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(AxolotlExtension.class)
public @interface WithAxolotl {
    /** One to five. */
    int nodes() default 1;
}
