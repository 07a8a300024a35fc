package io.axolotl.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The borders inside the server (style part 3). */
class ArchitectureTest {
    private static final JavaClasses SERVER = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.axolotl.server");

    @Test
    void generatedTypesOfTheApiStopAtTheServices() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.axolotl.server.api..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.axolotl.client.proto..")
                .check(SERVER);
    }

    @Test
    void onlyTheSharedPortAndItsHandshakeKnowInternalsOfGrpc() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.axolotl.server.http..", "io.axolotl.server.tls..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("io\\.grpc\\..*\\.?Internal[A-Z].*")
                .check(SERVER);
    }

    @Test
    void theServicesSeeOfRaftOnlyTheViewOfANode() {
        noClasses()
                .that()
                .resideInAPackage("io.axolotl.server.api..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "raft-core beyond NodeView and NodeId",
                        type -> type.getPackageName().startsWith("io.axolotl.raft")
                                && !java.util.Set.of("NodeView", "NodeId", "Membership", "EntryId")
                                        .contains(type.getSimpleName())))
                .check(SERVER);
    }

    @Test
    void theServicesSeeOfTheNodeOnlyItsService() {
        noClasses()
                .that()
                .resideInAnyPackage("io.axolotl.server.api..", "io.axolotl.server.http..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "the driver beyond NodeService",
                        type -> type.getPackageName().startsWith("io.axolotl.server.driver")
                                && !type.getName().startsWith("io.axolotl.server.driver.NodeService")))
                .check(SERVER);
    }

    @Test
    void theEdgeIsNotKnownBelow() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.axolotl.server.driver..",
                        "io.axolotl.server.peer..",
                        "io.axolotl.server.recovery..",
                        "io.axolotl.server.stage..",
                        "io.axolotl.server.metrics..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.axolotl.server.api..", "io.axolotl.server.http..", "io.axolotl.server.config..")
                .check(SERVER);
    }

    @Test
    @DisplayName("C1, C3: nothing that decides reads the wall clock, so that no jump of it can change a decision")
    void nothingThatDecidesReadsTheWallClock() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.axolotl.server.driver..",
                        "io.axolotl.server.lease..",
                        "io.axolotl.server.peer..",
                        "io.axolotl.server.recovery..",
                        "io.axolotl.server.stage..")
                // Says when a process ended, and decides nothing.
                .and()
                .doNotHaveSimpleName("ProcessLog")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.time\\.(Instant|InstantSource|Clock|(Zoned|Offset|Local)Date.*)|java\\.util\\.Date")
                .check(SERVER);
    }

    @Test
    @DisplayName("of the client the server knows the protocol, what TLS and a connection are made of, and nothing else")
    void ofTheClientTheServerKnowsLittle() {
        noClasses()
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "the client beyond proto, tls and transport",
                        type -> type.getPackageName().startsWith("io.axolotl.client")
                                && !type.getPackageName()
                                        .matches("io\\.axolotl\\.client\\.(proto|tls|transport)(\\..*)?")))
                .check(SERVER);
    }

    @Test
    void theConfigurationKnowsNothingOfWhatItConfigures() {
        classes()
                .that()
                .resideInAPackage("io.axolotl.server.config..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.snakeyaml..",
                        "picocli..",
                        "io.axolotl.raft.membership..",
                        "io.axolotl.server.config..")
                .check(SERVER);
    }
}
