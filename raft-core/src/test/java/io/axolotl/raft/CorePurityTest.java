package io.axolotl.raft;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.Timer;
import java.util.UUID;
import java.util.WeakHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Decision D3: the core has no clock, chance, thread, I/O or log line, and nothing whose order varies between runs. */
class CorePurityTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.axolotl.raft");

    private static final List<Class<?>> BANNED = List.of(
            HashMap.class,
            HashSet.class,
            LinkedHashMap.class,
            LinkedHashSet.class,
            IdentityHashMap.class,
            WeakHashMap.class,
            Random.class,
            UUID.class,
            Timer.class,
            Thread.class,
            ThreadLocal.class,
            Runtime.class,
            Process.class);

    private static final DescribedPredicate<JavaClass> BANNED_CLASSES = describe(
            "clocks, chance, threads or hash collections",
            type -> BANNED.stream().anyMatch(banned -> type.isEquivalentTo(banned)));

    private static ArchRule seesOnlyTheJdk() {
        return noClasses()
                .should()
                .dependOnClassesThat(not(resideInAnyPackage(
                        "io.axolotl.raft..",
                        "java.lang",
                        "java.lang.runtime",
                        "java.lang.invoke",
                        "java.util",
                        "java.util.function",
                        "java.util.stream",
                        "org.jspecify.annotations")))
                .because("the core speaks to the world through inputs and Readies only");
    }

    private static ArchRule usesNothingUndetermined() {
        return noClasses()
                .should()
                .dependOnClassesThat(BANNED_CLASSES)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "identityHashCode", Object.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(Object.class, "hashCode")
                .orShould()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err");
    }

    private static ArchRule makesNoUnorderedCollections() {
        return noClasses()
                .should()
                .callMethodWhere(describe(
                        "a factory of sets or maps whose order differs from run to run",
                        call -> (call.getTargetOwner().isEquivalentTo(Set.class)
                                        || call.getTargetOwner().isEquivalentTo(Map.class))
                                && List.of("of", "copyOf", "ofEntries").contains(call.getName())));
    }

    @Test
    @DisplayName("D3: java.lang, java.util and JSpecify, and nothing else")
    void coreSeesOnlyTheJdk() {
        seesOnlyTheJdk().check(CORE);
    }

    @Test
    @DisplayName("D3, D14: no clock, no chance, no thread, no hash order")
    void coreIsDetermined() {
        usesNothingUndetermined().check(CORE);
        makesNoUnorderedCollections().check(CORE);
    }

    @Test
    @DisplayName("style 3.1: raft uses message, message uses log, log uses membership; replication is a leaf")
    void arrowsPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("raft")
                .definedBy("io.axolotl.raft")
                .layer("message")
                .definedBy("io.axolotl.raft.message")
                .layer("log")
                .definedBy("io.axolotl.raft.log")
                .layer("membership")
                .definedBy("io.axolotl.raft.membership")
                .layer("replication")
                .definedBy("io.axolotl.raft.replication")
                .whereLayer("raft")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("message")
                .mayOnlyBeAccessedByLayers("raft")
                .whereLayer("log")
                .mayOnlyBeAccessedByLayers("raft", "message")
                .whereLayer("replication")
                .mayOnlyBeAccessedByLayers("raft")
                .whereLayer("replication")
                .mayNotAccessAnyLayer()
                .whereLayer("membership")
                .mayNotAccessAnyLayer()
                .check(CORE);
    }

    @Test
    @DisplayName("the rules see what they forbid")
    void rulesSeeWhatTheyForbid() {
        JavaClasses impure = new ClassFileImporter().importClasses(Impure.class);
        assertThatThrownBy(() -> seesOnlyTheJdk().check(impure)).hasMessageContaining("java.util.concurrent");
        assertThatThrownBy(() -> usesNothingUndetermined().check(impure)).hasMessageContaining("nanoTime");
        assertThatThrownBy(() -> makesNoUnorderedCollections().check(impure)).hasMessageContaining("Set.of");
    }

    /** Everything that a core must not do. */
    static final class Impure {
        private final Set<Integer> order = Set.of(1, 2, 3);
        private final Object lock = new java.util.concurrent.locks.ReentrantLock();

        long now() {
            return System.nanoTime() + order.size() + lock.toString().length();
        }
    }
}
